import type { AlertRule } from "../data/alerts";
import type { ChatDestination } from "../data/chat";
import type { Condition, Filter, Segment } from "../data/segments";
import { countryName, counted, formatEmployees } from "../format";

const SAYS: Record<string, string> = {
  industry: "industry",
  country: "country",
  employee_range: "employees",
  kind: "kind",
  campaign: "campaign",
  first_seen: "first seen",
  last_seen: "last seen",
};

/** A filter in a sentence, such as "country: Germany or Austria; at least 3 visits within 7 days". */
export function sayFilter({ match, conditions }: Filter): string {
  const said = conditions.map((part) => ("conditions" in part ? `(${sayFilter(part)})` : sayCondition(part)));
  return said.join(match === "any" ? " or " : "; ");
}

function sayCondition({ field, is, is_not, starts_with, at_least, within_days }: Condition): string {
  const within = within_days ? ` within ${counted(within_days, "day", "days")}` : "";
  if (field === "score") return `score of at least ${at_least}`;
  if (field === "visits") return `at least ${counted(at_least ?? 0, "visit", "visits")}${within}`;
  if (field === "page_views") return `at least ${counted(at_least ?? 0, "page", "pages")}${within}`;
  if (starts_with) return `looked at ${either(starts_with)}${within}`;
  const says = SAYS[field] ?? field.replaceAll("_", " ");
  if (is ?? is_not) return `${says}: ${is_not ? "not " : ""}${either((is ?? is_not)!.map((value) => sayValue(field, value)))}${within}`;
  return `${says}${within}`;
}

const either = (texts: string[]): string =>
  texts.length < 2 ? (texts[0] ?? "") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;

export function sayValue(field: string, value: string): string {
  if (field === "country") return countryName(value) ?? value;
  if (field === "employee_range") return formatEmployees(value) ?? value;
  return value;
}

/** Which visits a rule tells of. */
export function sayRule(rule: AlertRule, segments: Segment[]): string {
  const segment = segments.find(({ id }) => id === rule.segment_id)?.name;
  const companies = { every: "every company", followed: "companies you follow", segment: `companies in “${segment ?? "…"}”` }[rule.about];
  const visits = rule.kinds.length === 2 ? "each visit" : rule.kinds[0] === "identified" ? "the first visit" : "each visit but the first";
  return rule.only_on_change ? `When a company comes to be in “${segment ?? "…"}”` : `Of ${companies}: ${visits}`;
}

/** Where a rule's alerts go. */
export function sayChannel(rule: AlertRule, destinations: ChatDestination[]): string {
  const name = destinations.find(({ id }) => id === rule.chat_destination_id)?.name ?? "";
  return { mail: "by e-mail", slack: `in Slack, ${name}`, teams: `in Teams, ${name}`, webhook: "to your webhooks" }[rule.channel];
}
