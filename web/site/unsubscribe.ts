/** The page that the link in a mail opens. What opens links by itself, such as a scanner of mails, changes nothing; buttons do. */

interface MailLink {
  kind: "digests" | "alerts";
  about: string | null;
  rhythm: "daily" | "weekly" | null;
  stopped: "none" | "these" | "all";
}

class UnknownLink extends Error {}

const SECTIONS = ["ask", "stopped", "failed"] as const;
const UNREACHED = "We could not be reached. Check your connection and try again.";

const find = <Kind extends HTMLElement>(selector: string): Kind => {
  const element = document.querySelector<Kind>(selector);
  if (!element) throw new Error(`The page lacks ${selector}`);
  return element;
};

/** Behind the #, so that no server, proxy or log between sees it. */
const token = (): string => location.hash.slice(1);

const post = async (path: string, body: Record<string, string>): Promise<MailLink> => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`/api/public/${path}`, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => {
    throw new Error(UNREACHED);
  });
  const said = (await answer.json().catch(() => ({}))) as MailLink & { message?: string };
  if (answer.status >= 400 && answer.status < 500) throw new UnknownLink(said.message);
  if (!answer.ok) throw new Error(said.message ?? "Something on our side failed. Please try again in a moment.");
  return said;
};

const show = (section: (typeof SECTIONS)[number]): void => {
  for (const name of SECTIONS) find(`#${name}`).hidden = name !== section;
  for (const problem of document.querySelectorAll(".problem[role]")) problem.textContent = "";
  find("#status").textContent = "";
  // A screen reader starts to read where the page has changed.
  find(`#${section} h2`).focus();
};

const nameOf = ({ kind, about, rhythm, stopped }: MailLink): string => {
  if (stopped === "all") return "our digests and alerts";
  if (about && rhythm) return `the ${rhythm} digest of ${about}`;
  return kind === "digests" ? "our digests" : "our alerts";
};

const showLink = (link: MailLink): void => {
  for (const about of document.querySelectorAll("[data-about]")) about.textContent = nameOf(link);
  find("#all").hidden = link.stopped === "all";
  show(link.stopped === "none" ? "ask" : "stopped");
};

const wish = async (button: HTMLElement): Promise<void> => {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  find("#status").textContent = "One moment …";
  try {
    showLink(await post("mail-links", { token: token(), wish: button.dataset["wish"] ?? "" }));
  } catch (error) {
    find("#status").textContent = "";
    const problem = button.closest("section")?.querySelector(".problem");
    if (problem) problem.textContent = (error as Error).message;
  } finally {
    button.removeAttribute("aria-disabled");
  }
};

const arrive = async (): Promise<void> => {
  try {
    showLink(await post("mail-links/find", { token: token() }));
  } catch (error) {
    show("failed");
    find("#failed [data-problem]").textContent = (error as Error).message;
    // A link that is not known will not be known the next time either.
    find("#failed [data-retry]").hidden = error instanceof UnknownLink;
  }
};

for (const button of document.querySelectorAll<HTMLElement>("[data-wish]")) {
  button.addEventListener("click", () => void wish(button));
}
find("#failed [data-retry]").addEventListener("click", () => void arrive());
addEventListener("hashchange", () => void arrive());
void arrive();

// A module, so that its names are its own.
export {};
