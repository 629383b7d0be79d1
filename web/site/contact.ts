/**
 * The page a person comes to by the link in a first message: what is kept of them, and the button that objects. That link
 * passes through the hands of whoever writes, so it speaks for one account; the link we mail to the address itself, for all.
 *
 * The link's token is in the fragment alone, where no server and no log sees it. Opening the page changes nothing: mail
 * scanners open links. The button does.
 */

import { ask, explain, fill, find, pressed, showOneOf, waiting } from "./page";

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

const show = (section: (typeof SECTIONS)[number]): void => showOneOf(SECTIONS, section);

/** What the door answers of a link; null where it knows nothing of it. */
const askOf = async <Answer>(path: string, token: string): Promise<Answer | null> => {
  try {
    return await ask<Answer>(path, { token });
  } catch (error) {
    if (["unknown_token", "invalid_token"].includes(explain(error).code)) return null;
    throw error;
  }
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
  fill("kept", texts);
  // Without an address there is nowhere to send a link to.
  find("#kept [data-everywhere]").hidden = !kept.work_email;
  show("kept");
};

const link = (): string => location.hash.slice(1);

const arrive = (): Promise<void> =>
  waiting(async () => {
    if (link().startsWith(EVERYWHERE)) return show("everywhere");
    try {
      const kept = link() ? await askOf<Kept>("contacts/find", link()) : null;
      if (kept) showKept(kept);
      else show("gone");
    } catch (error) {
      fill("failed", { problem: explain(error).message });
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
  pressed(button, async () => {
    try {
      showObjected(await askOf<Objected>(path, token), everywhere);
    } catch (error) {
      find(problem).textContent = explain(error).message;
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
