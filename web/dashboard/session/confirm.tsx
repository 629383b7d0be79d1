import { Link, useLocation, useSearchParams } from "wouter";
import { supabase } from "../data/client";
import { Failure } from "../design/failure";
import { Gate } from "./gate";
import { refuse } from "./messages";
import { useSubmit } from "./use-submit";

/** Where the confirmation mail leads. A button, because programs that scan mail follow links and would use it up. */
export function Confirm() {
  const [, go] = useLocation();
  const [parameters] = useSearchParams();
  const { busy, error, submit } = useSubmit(async () => {
    refuse((await supabase.auth.verifyOtp({ token_hash: parameters.get("token_hash") ?? "", type: "signup" })).error);
    go("/", { replace: true });
  });
  return (
    <Gate title="One last click" lead="This confirms that the address is yours.">
      <form onSubmit={submit}>
        {error && <Failure error={error} />}
        <button className="button primary wide" disabled={busy} autoFocus>
          Confirm my address
        </button>
      </form>
      {error && (
        <p className="small soft">
          <Link to="/sign-in">Sign in</Link> if you have confirmed it before, or <Link to="/sign-up">sign up again</Link>.
        </p>
      )}
    </Gate>
  );
}
