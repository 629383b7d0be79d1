import type { Contact, Provider } from "../data/contacts";

export const PROVIDERS: Record<Provider, string> = { hunter: "Hunter", dropcontact: "Dropcontact" };
export const SOURCES: Record<Contact["source"], string> = { ...PROVIDERS, import: "imported by your team" };
export const SENIORITIES: Record<string, string> = { executive: "Executives", senior: "Seniors and heads", junior: "Juniors" };
export const ROLES: Record<string, string> = {
  management: "Management",
  purchasing: "Purchasing",
  operations: "Operations",
  sales: "Sales",
  marketing: "Marketing",
  finance: "Finance",
  it: "IT",
  hr: "Human resources",
  legal: "Legal",
};

const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" });
const shortDate = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export const formatDate = (time: string): string => shortDate.format(new Date(time));
export const linkedinUrl = (handle: string): string => `https://www.linkedin.com/in/${handle}`;
export const objectionUrl = (contact: Contact): string => `${location.origin}/contact#${contact.objection_token}`;

/**
 * What a first message must say (Art. 14 and 21 GDPR), to be copied: from whom the address is, why, until when, and the link
 * by which the person objects.
 */
export function noticeFor(contact: Contact, company: string, account: string): string {
  const kept = [
    contact.role && "your role",
    contact.work_email && "your work address",
    contact.linkedin_handle && "the address of your LinkedIn profile",
  ];
  const from = contact.source === "import" ? "from our own research" : `from ${PROVIDERS[contact.source]}`;
  return [
    `Where we have your details from, and your rights: we are ${account} [your address and, if you have one, your data ` +
      `protection officer]. On ${date.format(new Date(contact.found_at))} we got ${listed(kept)} ${from}, because we believe our ` +
      `offer matters to ${company}.`,
    `We keep them until ${date.format(new Date(contact.expires_at))} at the latest, on the basis of our ` +
      "legitimate interest in speaking to companies (Art. 6(1)(f) GDPR). Leadsment keeps them on our behalf, in the European " +
      "Union.",
    `You may object at any time, without giving a reason. One click, and they are deleted: ${objectionUrl(contact)}`,
    "You may also ask us for access, correction, deletion or restriction, and complain to a data protection authority.",
  ].join("\n\n");
}

const listed = (texts: (string | null | false)[]): string =>
  new Intl.ListFormat("en", { type: "conjunction" }).format(texts.filter((text): text is string => Boolean(text)));
