import { useState } from "react";
import { Link } from "wouter";
import { supabase } from "../data/client";
import { Failure } from "../design/failure";
import { Field } from "./field";
import { Gate } from "./gate";
import { refuse } from "./messages";
import { useSubmit } from "./use-submit";

export function ForgotPassword() {
  const [sent, setSent] = useState(false);
  const { busy, error, submit } = useSubmit(async ({ email = "" }) => {
    refuse((await supabase.auth.resetPasswordForEmail(email)).error);
    setSent(true);
  });
  return (
    <Gate title="Choose a new password" lead="We send you a link that lets you set one.">
      {sent ? (
        <p className="message good" role="status">
          If there is an account with this address, a mail is on its way. The link works once and for one hour.
        </p>
      ) : (
        <form onSubmit={submit}>
          <Field label="E-mail address" name="email" type="email" autoComplete="username" required autoFocus />
          {error && <Failure error={error} />}
          <button className="button primary wide" disabled={busy}>
            Send the link
          </button>
        </form>
      )}
      <p className="small soft">
        <Link to="/sign-in">Back to sign in</Link>
      </p>
    </Gate>
  );
}
