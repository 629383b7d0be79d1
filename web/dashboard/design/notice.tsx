import type { ReactNode } from "react";
import { Link } from "wouter";

interface NoticeProps {
  title: string;
  children: ReactNode;
  action?: { to: string; label: string };
}

/** A page-filling word to the reader, with what to do next. */
export function Notice({ title, children, action }: NoticeProps) {
  return (
    <div className="empty" role="status">
      <h1>{title}</h1>
      <p>{children}</p>
      {action && (
        <Link className="button primary" to={action.to}>
          {action.label}
        </Link>
      )}
    </div>
  );
}
