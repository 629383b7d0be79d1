/** The page of the nightly proof: what was searched last, what was found, and the days before. Anybody may read it. */

import { find } from "./page";

type Verdict = "clean" | "found" | "control_failed" | "not_configured";

interface Place {
  tables?: number;
  rows?: number;
  bytes: number;
  found: number;
  control_found: boolean;
}

interface Proof {
  ran_at: string;
  canaries: number;
  beacons: number;
  places: Record<string, Place>;
  found: number;
  control_found: boolean;
  verdict: Verdict;
}

interface Said {
  words: string;
  meaning: string;
}

const DAYS = 90;
const DAY_MS = 86_400_000;
/** A job that runs once a day may run late; of one that is two days away, nobody should think that all is well. */
const LATE_AFTER_MS = 2 * DAY_MS;

const PLACES: Record<string, string> = {
  rows: "The database",
  egress: "What was sent to it",
  logs: "Log records",
  output: "Printed output",
  reports: "Error reports",
};

const VERDICTS: Record<Verdict, (proof: Proof) => Said> = {
  clean: (proof) => ({
    words: "Nothing found",
    meaning: `${counted(proof.canaries, "address", "addresses")} of our own sent ${counted(proof.beacons, "beacon", "beacons")}. None of the addresses is anywhere we searched, and each one planted on purpose was found.`,
  }),
  found: (proof) => ({
    words: "An address was found",
    meaning: `One of our own addresses stood in ${counted(proof.found, "place", "places")}. Until we know why, the same may hold for visitors’ addresses. We have been told and are looking into it.`,
  }),
  control_failed: (proof) => ({
    words: "The proof failed",
    meaning:
      proof.beacons === 0
        ? "None of our own visits was counted, so there was nothing to search for. This says nothing about visitors’ addresses, in either direction."
        : "An address planted on purpose was not found, so the search does not work as it should. This says nothing about visitors’ addresses, in either direction.",
  }),
  not_configured: () => ({
    words: "Not set up",
    meaning: "Whoever runs this deployment has not named addresses of their own to visit from. Nothing was searched.",
  }),
};

const number = (value: number): string => value.toLocaleString("en-GB");
const counted = (count: number, one: string, many: string): string => `${number(count)} ${count === 1 ? one : many}`;
const moment = (at: string): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" }).format(new Date(at));
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

const size = (bytes: number): string => {
  if (bytes < 1000) return counted(bytes, "byte", "bytes");
  return bytes < 1_000_000 ? `${number(Math.round(bytes / 1000))} kB` : `${number(Math.round(bytes / 100_000) / 10)} MB`;
};

const read = async (): Promise<Proof[]> => {
  const headers = { apikey: __SUPABASE_PUBLISHABLE_KEY__ };
  const response = await fetch(`${__SUPABASE_URL__}/rest/v1/rpc/list_address_proofs`, { headers });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return (await response.json()) as Proof[];
};

const say = (verdict: string, words: string, when: string, meaning: string): void => {
  find("#latest .verdict").dataset["verdict"] = verdict;
  find("[data-words]").textContent = words;
  find("[data-when]").textContent = when;
  find("[data-meaning]").textContent = meaning;
};

/** A cell; where the screen is too narrow for columns, its column's name stands before it. */
const cell = (text: string, column: string): HTMLElement => {
  const element = document.createElement("td");
  element.textContent = text;
  element.dataset["column"] = column;
  return element;
};

const rowHead = (text: string): HTMLElement => {
  const element = document.createElement("th");
  element.scope = "row";
  element.textContent = text;
  return element;
};

const lookedAt = (place: Place): string =>
  place.rows === undefined
    ? size(place.bytes)
    : `${counted(place.tables ?? 0, "table", "tables")}, ${counted(place.rows, "row", "rows")}, ${size(place.bytes)}`;

const showSearched = (proof: Proof): void => {
  const rows = Object.entries(PLACES).flatMap(([name, label]) => {
    const place = proof.places[name];
    if (!place) return [];
    const row = document.createElement("tr");
    row.append(
      rowHead(label),
      cell(lookedAt(place), "Looked at"),
      cell(place.found === 0 ? "None" : "Found", "Addresses"),
      cell(place.control_found ? "Found" : "Not found", "Planted one"),
    );
    return [row];
  });
  find("#searched tbody").replaceChildren(...rows);
  find("#searched").hidden = rows.length === 0;
};

/** Of several proofs of a day, the one that troubles most. */
const WORST: Verdict[] = ["found", "control_failed", "clean", "not_configured"];
const worst = (proofs: Proof[]): Verdict | undefined => WORST.find((verdict) => proofs.some((proof) => proof.verdict === verdict));

const WORDS_OF_DAY: Record<Verdict, string> = {
  clean: "nothing found",
  found: "an address was found",
  control_failed: "the proof failed",
  not_configured: "not set up",
};

const showHistory = (proofs: Proof[]): void => {
  const today = Date.now();
  const verdicts = Array.from({ length: DAYS }, (_, ago) => {
    const day = dayOf(new Date(today - (DAYS - 1 - ago) * DAY_MS));
    return { day, verdict: worst(proofs.filter((proof) => dayOf(new Date(proof.ran_at)) === day)) };
  });
  const items = verdicts.map(({ day, verdict }) => {
    const item = document.createElement("li");
    const words = document.createElement("span");
    words.textContent = `${day}: ${verdict ? WORDS_OF_DAY[verdict] : "no proof"}`;
    item.title = words.textContent;
    item.dataset["verdict"] = verdict ?? "none";
    item.append(words);
    return item;
  });
  find(".strip").replaceChildren(...items);
  const days = (verdict: Verdict | undefined): number => verdicts.filter((day) => day.verdict === verdict).length;
  const said = [
    `${counted(days("clean"), "day", "days")} with nothing found`,
    `${number(days("found"))} with an address found`,
    `${number(days("control_failed"))} on which the proof failed`,
    `${number(days("not_configured") + days(undefined))} without one`,
  ];
  find("[data-sum]").textContent = `${said.join(", ")}. Days are those of UTC, the latest is at the end.`;
  find("#history").hidden = false;
};

const showLatest = (proof: Proof): void => {
  const { words, meaning } = VERDICTS[proof.verdict](proof);
  const isLate = Date.now() - new Date(proof.ran_at).getTime() > LATE_AFTER_MS;
  if (isLate) say("late", "The proof is overdue", `The last one ran on ${moment(proof.ran_at)}.`, `It said: ${words}. ${meaning}`);
  else say(proof.verdict, words, moment(proof.ran_at), meaning);
};

const show = async (): Promise<void> => {
  const retry = find("[data-retry]");
  retry.hidden = true;
  try {
    const proofs = await read();
    const [latest] = proofs;
    if (latest) {
      showLatest(latest);
      showSearched(latest);
      showHistory(proofs);
    } else say("none", "No proof yet", "", "The first one runs in the coming night.");
  } catch {
    say("none", "The last proof could not be read", "", "We could not be reached. This says nothing about the proof itself: check your connection and try again.");
    retry.hidden = false;
  }
};

find("[data-retry]").addEventListener("click", () => void show());
void show();

// So that its names are its own.
export {};
