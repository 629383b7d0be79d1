// The names of the schema's constraints, in words that say how to mend it. Everything else the database says in its own.
const WORDS: Record<string, string> = {
  digest_subscriptions_are_there_once: "You get this digest already. Change it in the list.",
  digest_subscriptions_time_zone_is_known: "This time zone is not known. Choose one of the list.",
  site_hosts_host_check: "This is not a host name. Write example.com, or *.example.com for everything below it.",
  site_hosts_pkey: "This host is in the list already.",
  sites_name_check: "The name must have 1 to 120 characters, without spaces around it.",
  sites_time_zone_is_known: "This time zone is not known. Choose one of the list.",
  excluded_networks_note_check: "The note must have 1 to 120 characters.",
  excluded_countries_pkey: "This country is excluded already.",
  webhook_endpoints_description_check: "The description must have at most 120 characters.",
  segments_name_check: "The segment's name must have 1 to 80 characters, without spaces around it.",
  segments_name_is_unique: "There is a segment of this name already. Choose another name.",
  follows_pkey: "You follow this company already.",
  alert_rules_name_is_short: "The alert's name must have 1 to 80 characters, without spaces around it.",
  alert_rules_post_segments_alone_to_webhooks: "Webhooks are told of segments alone. Choose a segment, or another place.",
  notification_settings_alerts_per_day_is_sensible: "Choose a number of alerts from 0 to 500.",
  notification_settings_quiet_hours_begin_and_end: "Quiet hours need a beginning and another end.",
  notification_settings_time_zone_is_known: "This time zone is not known. Choose one of the list.",
  chat_destinations_name_is_unique: "There is a channel of this name already. Choose another name.",
  accounts_name_check: "The name must have 1 to 120 characters, without spaces around it.",
};

/** A database error as a sentence for the person who has to act on it. */
export function inWords(error: { message: string; hint?: string | null }): string {
  const constraint = /constraint "(\w+)"/.exec(error.message)?.[1];
  return WORDS[constraint ?? ""] ?? [error.message, error.hint].filter(Boolean).join(" ");
}
