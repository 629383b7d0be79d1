// The names of the schema's constraints, in words that say how to mend it. Everything else the database says in its own.
const WORDS: Record<string, string> = {
  site_hosts_host_check: "This is not a host name. Write example.com, or *.example.com for everything below it.",
  site_hosts_pkey: "This host is in the list already.",
  sites_name_check: "The name must have 1 to 120 characters, without spaces around it.",
  sites_time_zone_is_known: "This time zone is not known. Choose one of the list.",
  excluded_networks_note_check: "The note must have 1 to 120 characters.",
  excluded_countries_pkey: "This country is excluded already.",
  webhook_endpoints_description_check: "The description must have at most 120 characters.",
  accounts_name_check: "The name must have 1 to 120 characters, without spaces around it.",
};

/** A database error as a sentence for the person who has to act on it. */
export function inWords(error: { message: string; hint?: string | null }): string {
  const constraint = /constraint "(\w+)"/.exec(error.message)?.[1];
  return WORDS[constraint ?? ""] ?? [error.message, error.hint].filter(Boolean).join(" ");
}
