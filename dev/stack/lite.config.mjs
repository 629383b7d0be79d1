// Supabase Lite as the local auth and storage server. Everything comes from the environment, set by stack.py.
import { createHmac } from "node:crypto";
import { createPostgresConnection } from "@supabase/lite/postgres";

const environment = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

// The hosted auth server calls a hook instead of sending a mail; this one knows templates alone. So its template is what the
// hook is told, and its mail driver calls the hook, signed as the hosted one signs. Source: Standard Webhooks.
const callHook = async ({ to, html }) => {
  const body = JSON.stringify({ user: { email: to }, email_data: JSON.parse(html) });
  const id = `msg_${crypto.randomUUID()}`;
  const timestamp = Math.floor(Date.now() / 1000);
  const secret = Buffer.from(environment("SEND_EMAIL_HOOK_SECRET").replace("v1,whsec_", ""), "base64");
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  const response = await fetch(`${environment("APP_URL")}/api/auth_mail`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": `v1,${signature}`,
    },
    body,
  });
  if (!response.ok) throw new Error(`the hook answered ${response.status}`);
};

const template = (name) => ({ subject: name, content_path: `${environment("TEMPLATES")}/${name}.json` });

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
        confirmation: template("confirmation"),
        recovery: template("recovery"),
      },
    },
  },
  options: { drivers: { email: { send: callHook } } },
};
