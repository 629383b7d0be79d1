/** The page that the link in a mail opens. What opens links by itself, such as a scanner of mails, changes nothing; buttons do. */

import { ask, explain, fill, find, PASSING, pressed, showOneOf } from "./page";

interface MailLink {
  kind: "digests" | "alerts";
  about: string | null;
  rhythm: "daily" | "weekly" | null;
  stopped: "none" | "these" | "all";
}

const SECTIONS = ["ask", "stopped", "failed"] as const;

/** Behind the #, so that no server, proxy or log between sees it. */
const token = (): string => location.hash.slice(1);

const show = (section: (typeof SECTIONS)[number]): void => showOneOf(SECTIONS, section);

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

const wish = (button: HTMLElement): Promise<void> =>
  pressed(button, async () => {
    try {
      showLink(await ask<MailLink>("mail-links", { token: token(), wish: button.dataset["wish"] ?? "" }));
    } catch (error) {
      const problem = button.closest("section")?.querySelector(".problem");
      if (problem) problem.textContent = explain(error).message;
    }
  });

const arrive = async (): Promise<void> => {
  try {
    showLink(await ask<MailLink>("mail-links/find", { token: token() }));
  } catch (error) {
    const { code, message } = explain(error);
    show("failed");
    fill("failed", { problem: message });
    // A link that is not known will not be known the next time either.
    find("#failed [data-retry]").hidden = !PASSING.has(code);
  }
};

for (const button of document.querySelectorAll<HTMLElement>("[data-wish]")) {
  button.addEventListener("click", () => void wish(button));
}
find("#failed [data-retry]").addEventListener("click", () => void arrive());
addEventListener("hashchange", () => void arrive());
void arrive();
