import { LogOut } from "lucide-react";
import { Suspense } from "react";
import { Link, Redirect, useLocation } from "wouter";
import { type AdminSession, useAdminStanding, useCloseAdminSession } from "../data/admin";
import { Failure } from "../design/failure";
import { Notice } from "../design/notice";
import { Nothing } from "../design/nothing";
import { ThemeSwitch } from "../design/theme-switch";
import { formatAhead } from "../format";
import "./admin.css";
import { OpenSession } from "./open-session";
import { ADMIN_PAGES } from "./pages";

/** The staff's own pages. Whoever is not of the staff learns no more than that there is nothing here. */
export default function AdminFrame({ subject }: { subject: string }) {
  const standing = useAdminStanding();
  if (standing.error && !standing.data) return <Failure error={standing.error} retry={() => void standing.refetch()} />;
  if (!standing.data) return null;
  const { is_operator, lacks_second_factor, session } = standing.data;
  if (!is_operator) return <Nothing />;
  if (lacks_second_factor)
    return (
      <Notice title="Sign in with your second factor" action={{ to: "/", label: "Go to your companies" }}>
        Staff pages open only to who signed in with a second factor. Add one to your sign-in, then sign in again with it.
      </Notice>
    );
  if (!session) return <OpenSession />;
  if (!subject && ADMIN_PAGES[0]) return <Redirect to={`/admin/${ADMIN_PAGES[0].subject}`} replace />;
  return <Opened session={session} subject={subject} />;
}

function Opened({ session, subject }: { session: AdminSession; subject: string }) {
  const page = ADMIN_PAGES.find((one) => one.subject === subject);
  return (
    <div className="frame">
      <Side />
      <div className="main">
        <main id="content">
          <SessionBar session={session} />
          {page ? (
            <Suspense fallback={null}>
              <page.Page />
            </Suspense>
          ) : (
            <Nothing />
          )}
        </main>
      </div>
    </div>
  );
}

function Side() {
  const [path] = useLocation();
  return (
    <div className="side">
      <Link className="brand" to="/">
        <img src="/favicon.svg" alt="" /> Leadsment staff
      </Link>
      <nav aria-label="Staff" className="admin-nav">
        {ADMIN_PAGES.map(({ subject, label }) => (
          <Link key={subject} to={`/admin/${subject}`} aria-current={path.startsWith(`/admin/${subject}`) ? "page" : undefined}>
            {label}
          </Link>
        ))}
      </nav>
      <div className="side-foot">
        <ThemeSwitch />
      </div>
    </div>
  );
}

function SessionBar({ session }: { session: AdminSession }) {
  const close = useCloseAdminSession();
  return (
    <div className="message wait row spread admin-session" role="region" aria-label="Admin session">
      <span>
        <strong>{session.reason}</strong> – ends {formatAhead(session.expires_at)}. Customers read this reason.
      </span>
      <button type="button" className="button" disabled={close.isPending} onClick={() => close.mutate()}>
        <LogOut size={16} aria-hidden="true" /> End session
      </button>
      {close.error && <Failure error={close.error} />}
    </div>
  );
}
