/**
 * The page a person comes to by the link in a first message: what is kept of them, and the button that objects.
 *
 * The link's token is in the fragment alone, where no server and no log sees it. Opening the page changes nothing: mail
 * scanners open links. The button does.
 */

interface Kept {
  account: string;
  company: string;
  role: string | null;
  work_email: string | null;
  has_linkedin: boolean;
  source: "hunter" | "dropcontact" | "import";
  lawful_basis: string;
  found_at: string;
  expires_at: string;
}

const SECTIONS = ["kept", "done", "gone", "failed"] as const;
const SOURCES = {
  hunter: "Hunter (hunter.io), which collects what companies publish",
  dropcontact: "Dropcontact (dropcontact.com), which works out business addresses",
  import: "The company that keeps it, which brought it itself",
};
const FAILED = "Something on our side failed. Please try again in a moment.";

const find = <Kind extends HTMLElement>(selector: string): Kind => {
  const element = document.querySelector<Kind>(selector);
  if (!element) throw new Error(`The page lacks ${selector}`);
  return element;
};

const show = (section: (typeof SECTIONS)[number]): void => {
  for (const name of SECTIONS) find(`#${name}`).hidden = name !== section;
  find("#kept-problem").textContent = "";
  // A screen reader starts to read where the page has changed.
  find(`#${section} h2`).focus();
};

/** What the public door answers; null where it knows nothing of the link. Throws an Error whose message is for the reader. */
const post = async <Answer>(path: string, token: string): Promise<Answer | null> => {
  let response: Response;
  try {
    const headers = { "content-type": "application/json" };
    response = await fetch(`/api/public/${path}`, { method: "POST", headers, body: JSON.stringify({ token }) });
  } catch {
    throw new Error("We could not be reached. Check your connection and try again.");
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  const { error, message } = (answer ?? {}) as { error?: string; message?: string };
  if (error === "unknown_token" || error === "invalid_token") return null;
  throw new Error(message ?? FAILED);
};

const day = (moment: string): string => new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date(moment));

const showKept = (kept: Kept): void => {
  const texts = {
    account: kept.account,
    company: kept.company,
    role: kept.role ?? "not known",
    mail: kept.work_email ?? "none",
    linkedin: kept.has_linkedin ? "the address of your profile" : "none",
    source: SOURCES[kept.source],
    found: day(kept.found_at),
    expires: `${day(kept.expires_at)}, at the latest`,
    basis: `${kept.lawful_basis} GDPR`,
  };
  for (const [name, text] of Object.entries(texts)) find(`#kept [data-${name}]`).textContent = text;
  show("kept");
};

const token = (): string => location.hash.slice(1);

const waiting = async (work: () => Promise<void>): Promise<void> => {
  find("#status").textContent = "One moment …";
  try {
    await work();
  } finally {
    find("#status").textContent = "";
  }
};

const arrive = (): Promise<void> =>
  waiting(async () => {
    try {
      const kept = token() ? await post<Kept>("contacts/find", token()) : null;
      if (kept) showKept(kept);
      else show("gone");
    } catch (error) {
      find("#failed [data-problem]").textContent = (error as Error).message;
      show("failed");
    }
  });

const object = (): Promise<void> =>
  waiting(async () => {
    const button = find<HTMLButtonElement>("#object");
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      const done = await post<{ state: string }>("contact-objections", token());
      show(done?.state === "objected" ? "done" : "gone");
    } catch (error) {
      find("#kept-problem").textContent = (error as Error).message;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });

find("#object").addEventListener("click", () => void object());
find("#retry").addEventListener("click", () => void arrive());
addEventListener("hashchange", () => void arrive());
void arrive();

// A module of its own: its names are nobody else's.
export {};
