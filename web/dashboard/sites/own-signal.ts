/** The signal by which this browser opts out of being recorded, by its name; null if it sends none. */
export function ownSignal(): string | null {
  const browser = navigator as Navigator & { globalPrivacyControl?: boolean };
  if (browser.globalPrivacyControl) return "Global Privacy Control";
  return browser.doNotTrack === "1" ? "Do Not Track" : null;
}
