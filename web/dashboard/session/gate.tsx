import type { ReactNode } from "react";

/** The frame of the pages before sign-in. */
export function Gate({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <div className="gate">
      <main className="gate-inner">
        <a className="brand" href="/">
          <img src="/favicon.svg" alt="" /> Leadsment
        </a>
        <div className="stack">
          <h1>{title}</h1>
          {lead && <p className="soft">{lead}</p>}
        </div>
        {children}
      </main>
    </div>
  );
}
