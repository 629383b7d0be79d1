export interface Period {
  id: string;
  label: string;
  /** Whole days, today included; null for everything. */
  days: number | null;
}

export const PERIODS: Period[] = [
  { id: "today", label: "Today", days: 1 },
  { id: "7", label: "7 days", days: 7 },
  { id: "30", label: "30 days", days: 30 },
  { id: "90", label: "90 days", days: 90 },
  { id: "all", label: "All", days: null },
];

const EVER = "1970-01-01";

/** When the period begins in the reader's own zone, as an ISO time. */
export function periodStart({ days }: Period): string {
  if (days === null) return `${EVER}T00:00:00Z`;
  const start = new Date();
  start.setHours(0, 0, 0, 0);
  start.setDate(start.getDate() - days + 1);
  return start.toISOString();
}

/** Today in a site's own calendar, YYYY-MM-DD. */
export const todayIn = (timeZone: string): string => new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date());

/** The first day of the period in the site's own calendar, YYYY-MM-DD. */
export function periodFirstDay({ days }: Period, timeZone: string): string {
  if (days === null) return EVER;
  const day = new Date();
  day.setUTCDate(day.getUTCDate() - days + 1);
  return new Intl.DateTimeFormat("en-CA", { timeZone }).format(day);
}
