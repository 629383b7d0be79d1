import { csvFile } from "../../shared/csv";
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

/** Contacts as a CSV file. */
export const csvOf = (contacts: Contact[]): string =>
  csvFile([Object.keys(COLUMNS), ...contacts.map((contact) => Object.values(COLUMNS).map((read) => read(contact)))]);
