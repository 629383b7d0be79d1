/**
 * Ask for one's own data: the form, the page behind the mailed link, the data itself, and what would be shown of the caller now.
 *
 * A link's token is in the fragment alone, where no server and no log sees it. Opening a page changes nothing: mail scanners
 * open links. The button does.
 */

import { CSV_TYPE } from "../shared/csv";
import { saveFile } from "../shared/save-file";
import { ask, explain, fill, find, listed, PASSING, pressed, Problem, showOneOf } from "./page";
import { csvOf, type PersonalData, sectionsOf } from "./personal-data";

type Kind = "access" | "portability" | "erasure" | "objection" | "rectification" | "restriction";

interface Receipt {
  kind: Kind;
  reference: string;
  received_at: string;
  due_at: string;
}

interface Asked extends Receipt {
  contacts: number;
  has_login: boolean;
  accounts_deleted: string[];
  accounts_waiting: string[];
}

interface Proved extends Omit<Receipt, "received_at"> {
  state: "done" | "open";
  files: string | null;
}

interface Shown {
  company: Record<"name" | "kind" | "domain" | "industry" | "country" | "employee_range", string | null> | null;
  reason: string | null;
}

const SECTIONS = ["ask", "sent", "confirm", "done", "files", "failed"] as const;
type Section = (typeof SECTIONS)[number];
const NEEDS_DETAILS = new Set(["rectification", "restriction"]);
const BUTTONS: Record<Kind, string> = {
  access: "Show my data",
  portability: "Get my data",
  erasure: "Erase me now",
  objection: "Object now",
  rectification: "Confirm my request",
  restriction: "Confirm my request",
};
const NOBODY: Record<string, string> = {
  browser_opted_out: "Your browser sends Do Not Track or Global Privacy Control: no address is looked up, and nothing is kept.",
  company_opted_out: "Your network belongs to a company that asked never to be identified.",
  bot: "Your browser names itself a program: programs are counted, never shown.",
  carrier: "Your network belongs to an internet provider, behind which is one of its customers: nobody is named.",
  hoster: "Your network belongs to a data centre: nobody is named.",
  relay: "You come by way of a VPN or proxy: nobody is named.",
  natural_person: "Your network belongs to a private person: they are never named.",
  reserved: "Your address is none of the public internet: nobody is named.",
  unknown: "We know nothing certain about your network: nobody is named.",
};

const show = (section: Section): void => {
  showOneOf(SECTIONS, section, section !== "ask" || document.activeElement !== document.body);
  find("#shown").hidden = section !== "ask";
};

const day = (moment: string): string => new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date(moment));

const showFailed = (problem: Problem): void => {
  show("failed");
  fill("failed", { problem: problem.message });
  find("#retry").hidden = !PASSING.has(problem.code);
};

const form = find<HTMLFormElement>("#ask form");
const chosen = (name: string): string => new FormData(form).get(name)?.toString().trim() ?? "";

const send = async (): Promise<void> => {
  const fields = ["email", "details"].map((name) => find(`#${name}`));
  for (const field of fields) field.removeAttribute("aria-invalid");
  find("#ask-problem").textContent = "";
  const [email, kind, details] = [chosen("email"), chosen("kind"), chosen("details")];
  try {
    const receipt = await ask<Receipt>("data-requests", NEEDS_DETAILS.has(kind) ? { email, kind, details } : { email, kind });
    show("sent");
    fill("sent", { email, reference: receipt.reference, due: day(receipt.due_at) });
  } catch (error) {
    const { code, message } = explain(error);
    find("#ask-problem").textContent = message;
    const wrong = fields.find(({ id }) => code.endsWith(id));
    wrong?.setAttribute("aria-invalid", "true");
    wrong?.focus();
  }
};

const GOES = "All of it is deleted now, and no customer can keep you as a contact again.";

const effectOf = ({ kind, contacts, has_login }: Asked): string => {
  const entries = contacts === 1 ? "1 contact entry" : `${contacts} contact entries`;
  const found = has_login ? `${entries} and a login` : entries;
  return {
    access: "Everything that is kept under your address is shown to you, and can be saved.",
    portability: "Everything that is kept under your address is shown to you, and can be saved as JSON and CSV.",
    erasure: `Kept under your address: ${found}. ${GOES} There is no way back.`,
    objection: `Kept under your address: ${entries}. ${GOES}`,
    rectification: "A person reads your request, corrects what is wrong, and writes to you.",
    restriction: "A person reads your request, sees to it, and writes to you.",
  }[kind];
};

const warningOf = ({ kind, accounts_deleted, accounts_waiting }: Asked): string => {
  if (kind !== "erasure") return "";
  const lost = accounts_deleted.length
    ? `You are alone in ${listed(accounts_deleted)}: deleted as well, with websites and visits. `
    : "";
  const waits = accounts_waiting.length
    ? `You are the only owner of ${listed(accounts_waiting)}, where others work: ` +
      "your login waits until there is another owner. We see to it."
    : "";
  return lost + waits;
};

const showConfirm = (asked: Asked): void => {
  show("confirm");
  fill("confirm", {
    effect: effectOf(asked),
    warning: warningOf(asked),
    reference: asked.reference,
    received: day(asked.received_at),
  });
  find("#prove").textContent = BUTTONS[asked.kind];
};

const REMAINS =
  "What remains is a code made of your address, from which it cannot be read: by it we know that you must not be kept again.";

const showDone = ({ kind, state, reference, due_at }: Proved): void => {
  show("done");
  const open = state === "open";
  find("#done h2").textContent = open ? "We have your request" : kind === "erasure" ? "Erased" : "Done";
  const waits = kind === "erasure" ? "Contact entries are deleted. Your login waits until each account has another owner. " : "";
  fill("done", {
    effect: open
      ? `${waits}You hear from us by ${day(due_at)}.`
      : `${kind === "erasure" ? "What was kept is deleted" : "You are nobody's contact any more"}. ${REMAINS}`,
    reference,
  });
};

const address = (): URLSearchParams => new URLSearchParams(location.hash.slice(1));
let personal: PersonalData | null = null;

const showFiles = async (token: string, email: string): Promise<void> => {
  personal = await ask<PersonalData>("personal-data", { token, email });
  show("files");
  fill("files", { address: personal.address, until: day(personal.available_until) });
  find("#entries").replaceChildren(...sectionsOf(personal));
};

const prove = async (): Promise<void> => {
  const email = address().get("of") ?? "";
  try {
    const proved = await ask<Proved>("data-requests/prove", { token: address().get("proof") ?? "" });
    // The link is used, and going back leads to nothing; the one to the data can be opened again.
    const files = proved.files && email ? new URLSearchParams({ files: proved.files, of: email }) : null;
    history.replaceState(null, "", files ? `#${files}` : location.pathname);
    if (files) await arrive();
    else showDone(proved);
  } catch (error) {
    const problem = explain(error);
    if (problem.code.startsWith("token_")) showFailed(problem);
    else find("#confirm-problem").textContent = problem.message;
  }
};

/** Go where the address says. Reads what it stands for; changes nothing. */
const arrive = async (): Promise<void> => {
  const [proof, files] = [address().get("proof"), address().get("files")];
  if (!proof && !files) return show("ask");
  find("#ask").hidden = find("#shown").hidden = true;
  find("#status").textContent = "One moment …";
  try {
    if (files) await showFiles(files, address().get("of") ?? "");
    else showConfirm(await ask<Asked>("data-requests/find", { token: proof ?? "" }));
  } catch (error) {
    showFailed(explain(error));
  }
};

const save = (kind: string): void => {
  if (!personal) return;
  const name = `my-data-${personal.reference}`;
  if (kind === "csv") saveFile(`${name}.csv`, [csvOf(personal)], CSV_TYPE);
  else saveFile(`${name}.json`, [`${JSON.stringify(personal, null, 2)}\n`], "application/json;charset=utf-8");
};

const showMe = async (): Promise<void> => {
  const answer = find("#shown-answer");
  try {
    const { company, reason } = await ask<Shown>("shown");
    const headline = document.createElement("strong");
    headline.textContent = company ? (company.name ?? "") : "Nobody would be shown";
    const detail = document.createElement("p");
    const facts = [company?.domain, company?.industry, company?.country, company?.employee_range].filter(Boolean);
    detail.textContent = company
      ? `${facts.join(" · ")}. The company, the pages looked at and when: never who it was.`
      : (NOBODY[reason ?? ""] ?? "Nobody is named.");
    answer.replaceChildren(headline, detail);
  } catch (error) {
    answer.textContent = explain(error).message;
  }
};

const followKind = (): void => {
  find("#details-field").hidden = !NEEDS_DETAILS.has(chosen("kind"));
};

form.addEventListener("change", followKind);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void pressed(find("#ask button[type=submit]"), send);
});
find("#prove").addEventListener("click", () => void pressed(find("#prove"), prove));
find("#show-me").addEventListener("click", () => void pressed(find("#show-me"), showMe));
find("#retry").addEventListener("click", () => void arrive());
for (const button of document.querySelectorAll<HTMLElement>("[data-save]")) {
  button.addEventListener("click", () => save(button.dataset["save"] ?? ""));
}
for (const button of document.querySelectorAll<HTMLElement>("[data-again]")) {
  button.addEventListener("click", () => {
    history.replaceState(null, "", location.pathname);
    show("ask");
  });
}
addEventListener("hashchange", () => void arrive());
followKind();
void arrive();
