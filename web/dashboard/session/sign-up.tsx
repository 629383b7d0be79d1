import { useState } from "react";
import { Link } from "wouter";
import { supabase } from "../data/client";
import { Failure } from "../design/failure";
import { Field } from "./field";
import { Gate } from "./gate";
import { refuse } from "./messages";
import { useSubmit } from "./use-submit";

const SHORTEST_PASSWORD = 10;

export function SignUp() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { busy, error, submit } = useSubmit(async ({ email = "", password = "" }) => {
    refuse((await supabase.auth.signUp({ email, password })).error);
    setSentTo(email);
  });
  if (sentTo) return <CheckYourMail email={sentTo} />;
  return (
    <Gate title="Create your account" lead="See which companies visit your website. No cookies, no tracking of people.">
      <form onSubmit={submit}>
        <Field label="Work e-mail address" name="email" type="email" autoComplete="username" required autoFocus />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={SHORTEST_PASSWORD}
          hint={`At least ${SHORTEST_PASSWORD} characters. A sentence is easier to remember than a riddle.`}
          required
        />
        {error && <Failure error={error} />}
        <button className="button primary wide" disabled={busy}>
          {busy ? "Creating your account …" : "Create account"}
        </button>
      </form>
      <p className="small soft">
        You have an account? <Link to="/sign-in">Sign in</Link>
      </p>
    </Gate>
  );
}

function CheckYourMail({ email }: { email: string }) {
  const [sent, setSent] = useState(false);
  const { busy, error, submit } = useSubmit(async () => {
    refuse((await supabase.auth.resend({ type: "signup", email })).error);
    setSent(true);
  });
  return (
    <Gate title="Check your mail" lead={`We sent a link to ${email}. It confirms your address and signs you in.`}>
      <form onSubmit={submit}>
        {error && <Failure error={error} />}
        {sent && <p className="message good">Sent again. Look into the spam folder too.</p>}
        <button className="button wide" disabled={busy || sent}>
          Send it again
        </button>
      </form>
      <p className="small soft">
        Wrong address? <Link to="/sign-in">Start over</Link>
      </p>
    </Gate>
  );
}
