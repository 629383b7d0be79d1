import type { Contact } from "../data/contacts";
import { linkedinUrl, objectionUrl } from "./words";

const COLUMNS: Record<string, (contact: Contact) => string | null> = {
  role: ({ role }) => role,
  seniority: ({ seniority }) => seniority,
  work_email: ({ work_email }) => work_email,
  linkedin: ({ linkedin_handle }) => linkedin_handle && linkedinUrl(linkedin_handle),
  source: ({ source }) => source,
  lawful_basis: ({ lawful_basis }) => lawful_basis,
  found_at: ({ found_at }) => found_at,
  expires_at: ({ expires_at }) => expires_at,
  objection_link: objectionUrl,
};

/** A cell as a spreadsheet shows it and never runs it: what would begin a formula gets an apostrophe before it. */
export function csvCell(text: string | null): string {
  const harmless = /^[=+\-@\t\r\n|%]/.test(text ?? "") ? `'${text}` : (text ?? "");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Contacts as a CSV file (RFC 4180), with a mark by which spreadsheets know that it is UTF-8. */
export function csvOf(contacts: Contact[]): string {
  const lines = [Object.keys(COLUMNS), ...contacts.map((contact) => Object.values(COLUMNS).map((read) => read(contact)))];
  return `\ufeff${lines.map((cells) => cells.map(csvCell).join(",")).join("\r\n")}\r\n`;
}
