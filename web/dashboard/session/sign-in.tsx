import { Link, useLocation, useSearchParams } from "wouter";
import { supabase } from "../data/client";
import { Failure } from "../design/failure";
import { Field } from "./field";
import { Gate } from "./gate";
import { refuse } from "./messages";
import { useSubmit } from "./use-submit";

export function SignIn() {
  const [, go] = useLocation();
  const [parameters] = useSearchParams();
  const wanted = parameters.get("next") ?? "/";
  const { busy, error, submit } = useSubmit(async ({ email = "", password = "" }) => {
    refuse((await supabase.auth.signInWithPassword({ email, password })).error);
    // Only a path of this dashboard: a link must not be able to send people elsewhere.
    go(/^\/(?!\/)/.test(wanted) ? wanted : "/", { replace: true });
  });
  return (
    <Gate title="Sign in">
      <form onSubmit={submit}>
        <Field label="E-mail address" name="email" type="email" autoComplete="username" required autoFocus />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        {error && <Failure error={error} />}
        <button className="button primary wide" disabled={busy}>
          {busy ? "Signing in …" : "Sign in"}
        </button>
      </form>
      <p className="small soft row spread">
        <Link to="/sign-up">Create an account</Link>
        <Link to="/forgot">Forgot your password?</Link>
      </p>
    </Gate>
  );
}
