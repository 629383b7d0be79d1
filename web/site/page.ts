/** What the public pages share: their elements, the public door, and one press of a button at a time. */

/** What a refused or failed call says to the person who made it. code: the door's, or offline. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The problems that may be over when one asks again. */
export const PASSING = new Set(["unavailable", "offline", "internal"]);

export const find = <Kind extends HTMLElement>(selector: string): Kind => {
  const element = document.querySelector<Kind>(selector);
  if (!element) throw new Error(`The page lacks ${selector}`);
  return element;
};

/** What the public door answers; with a body it is a POST. Throws a Problem. */
export const ask = async <Answer>(path: string, body?: Record<string, string>): Promise<Answer> => {
  const headers = { "content-type": "application/json" };
  const request = body ? { method: "POST", headers, body: JSON.stringify(body) } : {};
  const response = await fetch(`/api/public/${path}`, request).catch(() => {
    throw new Problem("offline", "We could not be reached. Check your connection and try again.");
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  const { error, message } = (answer ?? {}) as { error?: string; message?: string };
  throw new Problem(error ?? "internal", message ?? "Something on our side failed. Please try again in a moment.");
};

/** The problem that was met; a fault of ours is thrown on. */
export const explain = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  throw error;
};

/** Show one of the page's sections, without what was said before. hasFocus: whether a screen reader starts to read there. */
export const showOneOf = (sections: readonly string[], section: string, hasFocus = true): void => {
  for (const name of sections) find(`#${name}`).hidden = name !== section;
  for (const problem of document.querySelectorAll(".problem[role]")) problem.textContent = "";
  find("#status").textContent = "";
  if (hasFocus) find(`#${section} h2`).focus();
};

export const fill = (section: string, texts: Record<string, string>): void => {
  for (const [name, text] of Object.entries(texts)) find(`#${section} [data-${name}]`).textContent = text;
};

export const listed = (names: string[]): string => new Intl.ListFormat("en", { type: "conjunction" }).format(names);

/** Say that something is under way while it lasts. */
export const waiting = async (work: () => Promise<void>): Promise<void> => {
  find("#status").textContent = "One moment …";
  try {
    await work();
  } finally {
    find("#status").textContent = "";
  }
};

/** Run one press of a button at a time, and say so while it lasts. */
export const pressed = async (button: HTMLElement, work: () => Promise<void>): Promise<void> => {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await waiting(work);
  } finally {
    button.removeAttribute("aria-disabled");
  }
};
