import { useRef } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { supabase } from "../data/client";
import { Failure } from "../design/failure";
import { Field } from "./field";
import { Gate } from "./gate";
import { refuse } from "./messages";
import { useSubmit } from "./use-submit";

/** Where the recovery mail leads. The link is used up only when a password is sent. */
export function ResetPassword() {
  const [, go] = useLocation();
  const [parameters] = useSearchParams();
  const linkUsed = useRef(false);
  const { busy, error, submit } = useSubmit(async ({ password = "" }) => {
    if (!linkUsed.current) {
      const tokenHash = parameters.get("token_hash") ?? "";
      refuse((await supabase.auth.verifyOtp({ token_hash: tokenHash, type: "recovery" })).error);
      linkUsed.current = true;
    }
    refuse((await supabase.auth.updateUser({ password })).error);
    go("/", { replace: true });
  });
  return (
    <Gate title="Choose a new password">
      <form onSubmit={submit}>
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={10}
          hint="At least 10 characters."
          required
          autoFocus
        />
        {error && <Failure error={error} />}
        <button className="button primary wide" disabled={busy}>
          Save and sign in
        </button>
      </form>
      {error && (
        <p className="small soft">
          <Link to="/forgot">Ask for a new link</Link>
        </p>
      )}
    </Gate>
  );
}
