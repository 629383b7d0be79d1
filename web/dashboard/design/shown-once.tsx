import type { ReactNode } from "react";
import { CopyButton } from "./copy-button";

interface ShownOnceProps {
  secret: string;
  onKept: () => void;
  /** Where it belongs. */
  children: ReactNode;
}

/** A secret that nothing shows again. Takes the focus, so that a screen reader says that it is shown only now. */
export function ShownOnce({ secret, onKept, children }: ShownOnceProps) {
  return (
    <div className="message wait stack" role="status">
      <p>
        <strong>Copy it now: it is shown only this once.</strong> {children}
      </p>
      <figure className="code secret">
        <pre tabIndex={0} ref={(shown) => shown?.focus()}>
          <code>{secret}</code>
        </pre>
        <div className="row">
          <CopyButton text={secret} label="Copy the secret" />
          <button type="button" className="button plain" onClick={onKept}>
            I have kept it
          </button>
        </div>
      </figure>
    </div>
  );
}
