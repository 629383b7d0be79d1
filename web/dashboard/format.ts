const number = new Intl.NumberFormat();
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "long" });
const regions = new Intl.DisplayNames(undefined, { type: "region" });

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export const formatNumber = (value: number): string => number.format(value);
export const formatExact = (time: string): string => exact.format(new Date(time));
export const formatClock = (time: string): string => clock.format(new Date(time));
export const formatDay = (time: string): string => day.format(new Date(time));

/** "3 minutes ago"; within the last minute, "just now". */
export function formatRelative(time: string, now: number = Date.now()): string {
  const seconds = (now - new Date(time).getTime()) / 1000;
  for (const [unit, length] of UNITS) {
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  }
  return "just now";
}

/** "in 3 minutes", of a time that is still to come. */
export function formatAhead(time: string, now: number = Date.now()): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  for (const [unit, length] of UNITS) {
    if (seconds >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return "within a minute";
}

/** "2 visits", "1 visit". */
export const counted = (count: number, one: string, many: string): string =>
  `${formatNumber(count)} ${count === 1 ? one : many}`;

/** A band such as "1000-4999" as it is read: 1,000–4,999. */
export const formatEmployees = (band: string | null): string | null =>
  band && band.replace(/\d+/g, (digits) => formatNumber(Number(digits))).replace("-", "–");

export const countryName = (code: string | null): string | null => (code ? (regions.of(code) ?? code) : null);

/** How long a visit lasted, in words; a single page view has no length. */
export function formatLength(from: string, to: string): string | null {
  const minutes = Math.round((new Date(to).getTime() - new Date(from).getTime()) / 60_000);
  return minutes < 1 ? null : `${minutes} min`;
}

/** A path as its author wrote it: percent-encoding undone where that is possible. */
export function readablePath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
