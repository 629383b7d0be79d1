/** The host of what a person types for one: an address bar's content, a domain, or *.domain. Null if it is none. */
export function hostOf(typed: string): string | null {
  const text = typed.trim().toLowerCase();
  const wildcard = text.startsWith("*.") ? "*." : "";
  const bare = text.slice(wildcard.length);
  try {
    const { hostname } = new URL(bare.includes("://") ? bare : `https://${bare}`);
    // www.example.com is covered by example.com.
    return hostname ? wildcard + (wildcard ? hostname : hostname.replace(/^www\./, "")) : null;
  } catch {
    return null;
  }
}
