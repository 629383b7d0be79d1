/** The page of the published roots: each day's, and whether an exported log agrees with them. Anybody may read it. */

import { checkChain, readExport } from "./audit-chain";
import { find } from "./page";

interface Published {
  day: string;
  root: string;
}

let published: Published[] | null = null;

const read = async (): Promise<Published[]> => {
  const headers = { apikey: __SUPABASE_PUBLISHABLE_KEY__ };
  const response = await fetch(`${__SUPABASE_URL__}/rest/v1/rpc/list_audit_anchors`, { headers });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return (await response.json()) as Published[];
};

const rowOf = ({ day, root }: Published): HTMLElement => {
  const row = document.createElement("tr");
  const head = Object.assign(document.createElement("th"), { scope: "row", textContent: day });
  const cell = document.createElement("td");
  cell.append(Object.assign(document.createElement("code"), { textContent: root }));
  row.append(head, cell);
  return row;
};

const show = async (): Promise<void> => {
  find("[data-retry]").hidden = true;
  try {
    published = await read();
    find("tbody").replaceChildren(...published.map(rowOf));
    find(".scroll").hidden = published.length === 0;
    find("[data-roots]").textContent = published.length ? "" : "None yet: the first is made in the coming night.";
  } catch {
    find("[data-roots]").textContent = "They could not be read. Check your connection and try again.";
    find("[data-retry]").hidden = false;
  }
};

const say = (verdict: string, words: string, meaning: string): void => {
  find("#result .verdict").dataset["verdict"] = verdict;
  find("[data-words]").textContent = words;
  find("[data-meaning]").textContent = meaning;
  find("#result").hidden = false;
};

/** How the log's roots stand to those published: the first day that differs, and how many were compared. */
const compare = (roots: Map<string, string>): { differs: string | undefined; compared: number } => {
  const known = new Map(published?.map(({ day, root }) => [day, root]));
  const days = [...roots.keys()].filter((day) => known.has(day));
  return { differs: days.find((day) => known.get(day) !== roots.get(day)), compared: days.length };
};

const check = async (file: File): Promise<void> => {
  try {
    const { entries, anchors } = readExport(await file.text());
    const { entries: count, broken, roots } = await checkChain(entries, anchors);
    const { differs, compared } = compare(roots);
    if (broken) say("found", "The log does not hold", `First fault: ${broken}.`);
    else if (differs) say("found", "The log contradicts what was published", `The root of ${differs} is not the one that was published.`);
    else if (count === 0) say("none", "There is nothing to check", "The file has no entries.");
    else if (!compared)
      say("control_failed", "The entries follow each other", `${count} entries hold. No published root was compared, so entries cut off the end would not be missed.`);
    else say("clean", "The log holds", `${count} entries hold, and ${compared} of its ${roots.size} roots were compared with those published: they are the same.`);
  } catch (failure) {
    say("found", "This is not an exported log", failure instanceof Error ? failure.message : "The file could not be read.");
  }
};

const chosen = find<HTMLInputElement>("#file");
chosen.addEventListener("change", () => {
  const [file] = chosen.files ?? [];
  if (file) void check(file);
  // So that the same file, changed, can be chosen again.
  chosen.value = "";
});
const drop = find("#check");
drop.addEventListener("dragover", (event) => event.preventDefault());
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer?.files ?? [];
  if (file) void check(file);
});
find("[data-retry]").addEventListener("click", () => void show());
void show();
