import type { AuthError } from "@supabase/supabase-js";

const WORDS: Record<string, string> = {
  invalid_credentials: "This e-mail address and password do not belong together. Check both, or choose a new password.",
  email_not_confirmed: "Confirm your e-mail address first: open the mail we sent and follow its link.",
  user_already_exists: "There is an account with this address already. Sign in instead.",
  weak_password: "This password is too easy to guess. Use at least 10 characters.",
  same_password: "This is your present password. Choose another one.",
  otp_expired: "This link has been used or is too old. Ask for a new one.",
  over_email_send_rate_limit: "We have just sent you a mail. Wait a minute before asking for another.",
  validation_failed: "This does not look like an e-mail address.",
};

/** Throw the auth server's error in words that say what to do. */
export function refuse(error: AuthError | null): void {
  if (error) throw new Error(WORDS[error.code ?? ""] ?? error.message);
}
