import { Link } from "wouter";
import { useOpenAdminSession } from "../data/admin";
import { Failure } from "../design/failure";
import { Gate } from "../session/gate";
import { useSubmit } from "../session/use-submit";

/** Asks one of the staff why they need to work as such, before anything is shown. */
export function OpenSession() {
  const open = useOpenAdminSession();
  const { busy, error, submit } = useSubmit(async ({ reason = "" }) => {
    await open.mutateAsync(reason.trim());
  });
  return (
    <Gate title="Open an admin session" lead="It lasts an hour, or until you end it.">
      <form onSubmit={submit}>
        <div className="field">
          <label htmlFor="admin-reason">Why</label>
          <textarea
            id="admin-reason"
            className="input admin-reason"
            name="reason"
            rows={4}
            minLength={10}
            maxLength={500}
            aria-describedby="admin-reason-hint"
            required
            autoFocus
          />
          <span className="hint" id="admin-reason-hint">
            10 to 500 characters. Customers read it beside what you look at: write no person&rsquo;s name.
          </span>
        </div>
        {error && <Failure error={error} />}
        <button className="button primary wide" disabled={busy}>
          {busy ? "Opening …" : "Open session"}
        </button>
      </form>
      <p className="small soft">
        <Link to="/">Back to your companies</Link>
      </p>
    </Gate>
  );
}
