import type { Digest, DigestChoices } from "../data/digests";

// The 1st of January 2024 was a Monday.
const weekdayName = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" });
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7].map((number) => ({
  number,
  name: weekdayName.format(new Date(Date.UTC(2024, 0, number))),
}));

export const formatHour = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;

/** "Every Monday at 08:00, Europe/Berlin". */
export function sayRhythm({ rhythm, weekday, hour, time_zone }: DigestChoices): string {
  const day = rhythm === "weekly" ? WEEKDAYS.find(({ number }) => number === weekday)?.name : "day";
  return `Every ${day} at ${formatHour(hour)}, ${time_zone.replaceAll("_", " ")}`;
}

/** When the next one comes, by the digest's own clock. */
export function sayNext({ next_at, time_zone }: Digest): string {
  const moment = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", timeZone: time_zone });
  return `The next one is due on ${moment.format(new Date(next_at))}.`;
}
