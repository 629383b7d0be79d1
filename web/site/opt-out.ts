/**
 * The opt-out page: ask, prove, done.
 *
 * The token of a request is in the page's fragment alone, where no server and no log sees it: #confirm= from a mail,
 * #check= for a DNS record, so that a reload or a bookmark continues. Opening the page changes nothing; buttons do.
 */

import { ask, explain, fill, find, listed, PASSING, pressed, Problem, showOneOf } from "./page";

interface Company {
  name: string;
  domain: string | null;
}

interface Request {
  domain: string;
  proof: "mail" | "dns";
  wish: "opt_out" | "withdraw";
  companies: Company[];
  expires_at: string;
  token?: string;
  record?: { name: string; value: string };
}

interface Result {
  companies: Company[];
  domain: string;
  state: "opted_out" | "withdrawn";
}

const SECTIONS = ["ask", "sent", "record", "confirm", "done", "failed"] as const;
type Section = (typeof SECTIONS)[number];
/** The field a refusal is about, so that it can be marked and focused. */
const FIELDS: Record<string, string> = {
  invalid_domain: "domain",
  unknown_domain: "domain",
  free_mail_domain: "domain",
  shared_domain: "domain",
  invalid_email: "email",
  foreign_address: "email",
  free_mail_address: "email",
};

const form = find<HTMLFormElement>("#ask form");

const show = (section: Section): void =>
  showOneOf(SECTIONS, section, section !== "ask" || document.activeElement !== document.body);

const day = (moment: string): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" }).format(new Date(moment));

/** The companies by name, each name once; the domain where the table has changed and knows none of them any more. */
const namesOf = (companies: Company[], domain: string): string => {
  const names = [...new Set(companies.map((company) => company.name))];
  return names.length === 0 ? domain : listed(names);
};

const field = (name: string): HTMLInputElement => find<HTMLInputElement>(`#${name}`);
const chosen = (name: string): string => new FormData(form).get(name)?.toString() ?? "";

/** People paste what the address bar shows. */
const hostOf = (text: string): string => text.trim().replace(/^https?:\/\//i, "").replace(/[/?#].*$/, "");

const followProof = (): void => {
  const byMail = chosen("proof") === "mail";
  find("#email-field").hidden = !byMail;
  find("#ask button[type=submit]").textContent = byMail ? "Send the link" : "Show the record";
};

const complain = (problem: Problem): void => {
  find("#ask-problem").textContent = problem.message;
  const name = FIELDS[problem.code];
  if (!name) return;
  field(name).setAttribute("aria-invalid", "true");
  field(name).focus();
};

const request = async (): Promise<void> => {
  find("#ask-problem").textContent = "";
  for (const name of ["domain", "email"]) field(name).removeAttribute("aria-invalid");
  const email = field("email").value.trim();
  const proof = chosen("proof");
  const body = { domain: hostOf(field("domain").value), proof, wish: chosen("wish") };
  try {
    const asked = await ask<Request>("opt-out-requests", proof === "mail" ? { ...body, email } : body);
    if (asked.token) {
      history.pushState(null, "", `#check=${asked.token}`);
      showRecord(asked);
    } else {
      show("sent");
      fill("sent", { email, expires: day(asked.expires_at) });
    }
  } catch (error) {
    complain(explain(error));
  }
};

const showRecord = (request: Request): void => {
  show("record");
  const names = namesOf(request.companies, request.domain);
  fill("record", {
    domain: request.domain,
    wish: request.wish === "opt_out" ? `have ${names} never identified` : `have ${names} identified again`,
    "record-name": request.record?.name ?? "",
    "record-value": request.record?.value ?? "",
    expires: day(request.expires_at),
  });
};

const showConfirm = (request: Request): void => {
  show("confirm");
  const names = namesOf(request.companies, request.domain);
  const optsOut = request.wish === "opt_out";
  fill("confirm", {
    effect: optsOut
      ? `From the next visit on, no customer is told that ${names} (${request.domain}) visited their website.`
      : `From the next visit on, customers are told again when ${names} (${request.domain}) visits their website.`,
    prove: optsOut ? `Never identify ${names}` : `Identify ${names} again`,
  });
};

const showDone = (result: Result): void => {
  const names = namesOf(result.companies, result.domain);
  const optedOut = result.state === "opted_out";
  find("#done h2").textContent = optedOut ? `${names}: opted out` : `${names}: identified again`;
  fill("done", {
    effect: optedOut
      ? "From now on every customer is told “opted out” instead of your name, and no visit is kept. You can take it back here, with the same proof or a stronger one."
      : "From now on customers are told of your company’s visits again. You can opt out again here at any time.",
  });
  show("done");
};

const showFailed = (problem: Problem): void => {
  show("failed");
  fill("failed", { problem: problem.message });
  find("#failed [data-retry]").hidden = !PASSING.has(problem.code);
};

/** The token in the address, and which proof it belongs to. */
const tokenInAddress = (): string | null => /^#(?:confirm|check)=(.+)$/.exec(location.hash)?.[1] ?? null;

const forgetToken = (): void => history.replaceState(null, "", location.pathname);

const prove = async (problemId: string): Promise<void> => {
  const token = tokenInAddress();
  if (!token) return show("ask");
  find(problemId).textContent = "";
  try {
    const result = await ask<Result>("opt-outs", { token });
    forgetToken();
    showDone(result);
  } catch (error) {
    const problem = explain(error);
    if (problem.code.startsWith("token_") || problem.code === "unknown_token") showFailed(problem);
    else find(problemId).textContent = problem.message;
  }
};

/** Go where the address says. Reads what the token stands for; changes nothing. */
const arrive = async (): Promise<void> => {
  const token = tokenInAddress();
  if (!token) return show("ask");
  find("#status").textContent = "One moment …";
  find("#ask").hidden = true;
  try {
    const request = await ask<Request>("opt-out-requests/find", { token });
    if (request.record) showRecord(request);
    else showConfirm(request);
  } catch (error) {
    showFailed(explain(error));
  }
};

const copy = async (button: HTMLElement): Promise<void> => {
  const value = find(`#record [data-${button.dataset["copy"] ?? ""}]`).textContent ?? "";
  const copied = await navigator.clipboard.writeText(value).then(
    () => true,
    () => false,
  );
  find("#status").textContent = copied ? "Copied." : "Copying was refused by the browser: select the text instead.";
};

form.addEventListener("change", followProof);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void pressed(find("#ask button[type=submit]"), request);
});
for (const name of ["record", "confirm"]) {
  const button = find(`#${name} [data-prove]`);
  button.addEventListener("click", () => void pressed(button, () => prove(`#${name}-problem`)));
}
for (const button of document.querySelectorAll<HTMLElement>("[data-copy]")) {
  button.addEventListener("click", () => void copy(button));
}
for (const button of document.querySelectorAll<HTMLElement>("[data-again]")) {
  button.addEventListener("click", () => {
    forgetToken();
    show("ask");
  });
}
find("#failed [data-retry]").addEventListener("click", () => void arrive());
addEventListener("hashchange", () => void arrive());
followProof();
void arrive();
