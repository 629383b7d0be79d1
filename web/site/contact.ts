/**
 * The page a person comes to by the link in a first message: what is kept of them, and the button that objects. That link
 * passes through the hands of whoever writes, so it speaks for one account; the link we mail to the address itself, for all.
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

const SECTIONS = ["kept", "everywhere", "done", "gone", "failed"] as const;
const EVERYWHERE = "everywhere=";
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
  find("#kept-problem").textContent = find("#everywhere-problem").textContent = "";
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
  // Without an address there is nowhere to send a link to.
  find("#kept [data-everywhere]").hidden = !kept.work_email;
  show("kept");
};

const link = (): string => location.hash.slice(1);

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
    if (link().startsWith(EVERYWHERE)) return show("everywhere");
    try {
      const kept = link() ? await post<Kept>("contacts/find", link()) : null;
      if (kept) showKept(kept);
      else show("gone");
    } catch (error) {
      find("#failed [data-problem]").textContent = (error as Error).message;
      show("failed");
    }
  });

interface Objected {
  state: "objected" | "gone";
  is_mailed?: boolean;
}

const showObjected = (objected: Objected | null, everywhere: boolean): void => {
  if (objected?.state !== "objected") return show("gone");
  find("#done-here").hidden = everywhere;
  find("#done-everywhere").hidden = !everywhere;
  find("#done-mailed").hidden = !objected.is_mailed;
  find("#done-unmailed").hidden = Boolean(objected.is_mailed);
  show("done");
};

const object = (button: HTMLButtonElement, path: string, token: string, problem: string, everywhere: boolean): Promise<void> =>
  waiting(async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      showObjected(await post<Objected>(path, token), everywhere);
    } catch (error) {
      find(problem).textContent = (error as Error).message;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });

const here = find<HTMLButtonElement>("#object");
const all = find<HTMLButtonElement>("#object-everywhere");
here.addEventListener("click", () => void object(here, "contact-objections", link(), "#kept-problem", false));
all.addEventListener("click", () => {
  void object(all, "contact-objections/everywhere", link().slice(EVERYWHERE.length), "#everywhere-problem", true);
});
find("#retry").addEventListener("click", () => void arrive());
addEventListener("hashchange", () => void arrive());
void arrive();

// A module of its own: its names are nobody else's.
export {};
