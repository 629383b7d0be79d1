// Supabase Lite as the local auth and storage server. Everything comes from the environment, set by stack.py.
import { createPostgresConnection } from "@supabase/lite/postgres";

const environment = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

const sendThroughResend = async ({ to, subject, html, text }) => {
  const response = await fetch(`${environment("RESEND_API_URL")}/emails`, {
    method: "POST",
    headers: { authorization: "Bearer re_local", "content-type": "application/json" },
    body: JSON.stringify({ from: environment("MAIL_FROM"), to, subject, html, text }),
  });
  if (!response.ok) throw new Error(`the mail sink answered ${response.status}`);
};

const template = (name, subject) => ({ subject, content_path: `${environment("TEMPLATES")}/${name}.html` });

export default {
  connection: createPostgresConnection({ url: environment("AUTH_DATABASE_URL") }),
  api: { port: Number(environment("AUTH_PORT")) },
  storage: { enabled: true, file_size_limit: "10MiB" },
  auth: {
    enabled: true,
    jwt_secret: environment("JWT_SECRET"),
    publishable_key: environment("SUPABASE_PUBLISHABLE_KEY"),
    secret_key: environment("SUPABASE_SECRET_KEY"),
    site_url: environment("APP_URL"),
    additional_redirect_urls: [`${environment("APP_URL")}/**`],
    minimum_password_length: 10,
    email: {
      enable_signup: true,
      enable_confirmations: true,
      max_frequency: "1s",
      template: {
        confirmation: template("confirmation", "Confirm your e-mail address for Leadsment"),
        recovery: template("recovery", "Choose a new password for Leadsment"),
      },
    },
  },
  options: { drivers: { email: { send: sendThroughResend } } },
};
