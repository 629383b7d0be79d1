/** What is kept of a person, to be read on a page and saved as a file. */

import { csvFile } from "../shared/csv";

type Entry = Record<string, unknown>;

export interface PersonalData {
  reference: string;
  address: string;
  made_at: string;
  available_until: string;
  information: Record<string, string>;
  data: Record<string, Entry[]>;
}

const TITLES: Record<string, string> = {
  contacts: "As a contact at a company",
  login: "Your login",
  sign_ins: "Where you are signed in",
  memberships: "Accounts you work in",
  settings: "Your settings, digests, rules and follows",
  written: "What you wrote or set up",
  activity: "What you did (audit log)",
  messages: "Mails we sent to you, or are about to",
  mailbox: "What is noted of your mailbox",
  requests: "Your requests",
};
const ENTRIES_SHOWN = 25;

const words = (name: string): string => name.replaceAll("_", " ");
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });
/** A value as it is read; in the files it stays as it is. */
const readable = (value: unknown): string =>
  typeof value === "string" && MOMENT.test(value) ? moment.format(new Date(value)) : textOf(value);
const textOf = (value: unknown): string =>
  value === null || value === undefined ? "none" : typeof value === "object" ? JSON.stringify(value) : String(value);

const element = (tag: string, text: string): HTMLElement => {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
};

const listOf = (entry: Entry): HTMLElement => {
  const list = document.createElement("dl");
  for (const [name, value] of Object.entries(entry)) list.append(element("dt", words(name)), element("dd", readable(value)));
  return list;
};

/** One section for each place where something is kept, and a line that says where nothing is. */
export function sectionsOf({ data, information }: PersonalData): HTMLElement[] {
  const places = Object.entries(data);
  const sections: HTMLElement[] = places
    .filter(([, entries]) => entries.length)
    .map(([name, entries]) => {
      const section = document.createElement("section");
      section.append(element("h3", TITLES[name] ?? words(name)), ...entries.slice(0, ENTRIES_SHOWN).map(listOf));
      if (entries.length > ENTRIES_SHOWN) section.append(element("p", `And ${entries.length - ENTRIES_SHOWN} more, in the files.`));
      return section;
    });
  const empty = places.filter(([, entries]) => !entries.length).map(([name]) => (TITLES[name] ?? words(name)).toLowerCase());
  if (empty.length) sections.push(element("p", `Nothing: ${empty.join("; ")}.`));
  const about = document.createElement("section");
  about.append(element("h3", "What you should know about it"), listOf(information));
  return [...sections, about];
}

/** All of it as CSV, one value a line. */
export function csvOf({ data }: PersonalData): string {
  const lines = Object.entries(data).flatMap(([place, entries]) =>
    entries.flatMap((entry, index) =>
      Object.entries(entry).map(([field, value]) => [place, String(index + 1), field, value === null ? "" : textOf(value)]),
    ),
  );
  return csvFile([["place", "entry", "field", "value"], ...lines]);
}
