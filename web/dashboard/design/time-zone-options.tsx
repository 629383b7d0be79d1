/** The time zones there are, the reader's own and the chosen one among them, each with how far it is from UTC now. */
export function TimeZoneOptions({ chosen }: { chosen?: string | undefined }) {
  const zones = [...new Set([...(chosen ? [chosen] : []), ownTimeZone(), "UTC", ...Intl.supportedValuesOf("timeZone")])].sort();
  return zones.map((zone) => (
    <option key={zone} value={zone}>
      {zone.replaceAll("_", " ")}
      {offsetOf(zone)}
    </option>
  ));
}

export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** " (GMT+2)", as of now: with daylight saving it is another in half a year. Empty for a zone this browser does not know. */
function offsetOf(timeZone: string): string {
  try {
    const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "shortOffset" }).formatToParts();
    return ` (${parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT"})`;
  } catch {
    return "";
  }
}
