import type { AuditEntry } from "../data/audit";
import { counted, formatExact } from "../format";

/** What can be filtered by: kinds of records as the log names them, in the reader's words. */
export const KINDS: Record<string, string> = {
  account: "Account",
  admin: "Looks of Leadsment’s staff",
  audit_log: "Audit log",
  chat: "Chat",
  contacts: "Contacts",
  correction: "Corrections",
  crm: "CRM",
  data_request: "Data requests",
  enrichment: "Contact settings",
  excluded_country: "Countries not counted",
  excluded_network: "Networks not counted",
  membership: "Members and roles",
  retention: "Retention",
  sign_in: "Sign-in",
  site: "Sites",
  site_host: "Hosts",
  site_secret: "Secrets",
  support: "Support access",
  webhook: "Webhooks",
  webhook_secret: "Webhook secrets",
};

type Says = (entry: AuditEntry, named: (userId: string | null) => string) => string;

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
const was = ({ before, after }: AuditEntry, field: string): string => text(after?.[field] ?? before?.[field]);

/** What was done, after the name of who did it. */
const DEEDS: Record<string, Says> = {
  "account.created": (entry) => `created the account ${was(entry, "name")}`,
  "account.changed": (entry) => `renamed the account to ${was(entry, "name")}`,
  "account.deleted": () => "deleted the account",
  "account.exported": () => "exported the account",
  "account.imported": (entry) => `brought in ${was(entry, "rows")} rows of ${was(entry, "kind").replaceAll("_", " ")}`,
  "admin.looked": (entry) => `looked at the account: ${text(entry.reason)}`,
  "admin_session.opened": (entry) => `opened an admin session: ${text(entry.reason)}`,
  "admin_session.closed": () => "ended an admin session",
  "admin.listed_accounts": (entry) => `listed accounts: ${text(entry.reason)}`,
  "audit_log.exported": () => "exported this log",
  "chat.created": (entry) => `connected a channel of ${was(entry, "kind")}`,
  "chat.changed": () => "replaced a channel’s address",
  "chat.deleted": (entry) => `removed a channel of ${was(entry, "kind")}`,
  "contacts.viewed": (entry) => `looked at ${contactsOf(entry)}`,
  "contacts.exported": (entry) => `exported ${contactsOf(entry)}`,
  "contacts.enriched": (entry) => `had ${contactsOf(entry)} found`,
  "contacts.imported": (entry) => `imported ${contactsOf(entry)}`,
  "contacts.deleted": (entry) => `deleted ${contactsOf(entry)}`,
  "contacts.objected": (entry) => `objected, which deleted ${contactsOf(entry)}`,
  "correction.created": (entry) => `corrected a company: ${was(entry, "verdict").replaceAll("_", " ")}`,
  "correction.changed": () => "took a correction back",
  "crm.created": (entry) => `connected ${was(entry, "vendor")}`,
  "crm.changed": () => "changed what goes to a CRM",
  "crm.deleted": (entry) => `disconnected ${was(entry, "vendor")}`,
  "enrichment.created": () => "chose whom to look for",
  "enrichment.changed": () => "changed whom to look for",
  "excluded_country.created": (entry) => `stopped counting visits from ${was(entry, "country")}`,
  "excluded_country.deleted": (entry) => `counts visits from ${was(entry, "country")} again`,
  "excluded_network.created": () => "stopped counting a network",
  "excluded_network.deleted": () => "counts a network again",
  "membership.created": (entry, named) => `added ${named(entry.subject_id)} as ${was(entry, "role")}`,
  "membership.changed": (entry, named) => `made ${named(entry.subject_id)} ${roleOf(was(entry, "role"))}`,
  "membership.deleted": (entry, named) => `removed ${named(entry.subject_id)}`,
  "retention.created": () => "chose for how long data is kept",
  "retention.changed": () => "changed for how long data is kept",
  "retention.purged": (entry) => `deleted ${was(entry, "rows")} ${text(entry.subject_id)} of before ${was(entry, "before")}, as their time was over`,
  "sign_in.password_changed": () => "changed their password",
  "sign_in.email_changed": () => "changed their e-mail address",
  "sign_in.deleted": () => "was deleted as a user",
  "site.created": (entry) => `added the site ${was(entry, "name")}`,
  "site.deleted": (entry) => `deleted the site ${was(entry, "name")}`,
  "site_host.created": (entry) => `added the host ${was(entry, "host")}`,
  "site_host.deleted": (entry) => `removed the host ${was(entry, "host")}`,
  "site_secret.created": (entry) => `made the secret that ends in ${was(entry, "ending")}`,
  "site_secret.changed": (entry) => (entry.after?.revoked_at ? "revoked a secret" : "changed a secret"),
  "support.granted": (entry) => `let Leadsment’s staff see the account until ${formatExact(was(entry, "until"))}`,
  "support.withdrawn": () => "took back that Leadsment’s staff may see the account",
  "support.entered": (entry) => `went into the account as a viewer: ${text(entry.reason)}`,
  "webhook.created": () => "added a webhook",
  "webhook.changed": () => "changed a webhook",
  "webhook.deleted": () => "deleted a webhook",
  "webhook_secret.created": () => "gave a webhook a secret",
};

const contactsOf = (entry: AuditEntry): string => counted(Number(was(entry, "contacts")), "contact", "contacts");
const roleOf = (role: string): string => (/^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`);

const KIND_OF_ACTOR: Record<AuditEntry["actor_kind"], string> = {
  member: "A former member",
  staff: "Leadsment’s staff",
  product: "Leadsment",
  public: "Somebody without an account",
  operator: "An operator at the database",
};

/** An entry as a sentence; of an action that is not known here, the action's own words. */
export function sentenceOf(entry: AuditEntry, named: (userId: string | null) => string = () => "a member"): string {
  const who = entry.actor_email ?? KIND_OF_ACTOR[entry.actor_kind] ?? "Somebody";
  const says = DEEDS[entry.action];
  return `${who} ${says ? says(entry, named) : fallback(entry)}`;
}

function fallback({ action, reason }: AuditEntry): string {
  const [subject = "", done = ""] = action.split(".");
  const words = `${done} – ${KINDS[subject]?.toLowerCase() ?? subject}`.replaceAll("_", " ");
  return reason ? `${words}: ${reason}` : words;
}
