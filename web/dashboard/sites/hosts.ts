// As the database has it in site_hosts.
const HOST = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The host of what a person types for one: an address bar's content, a domain, or *.domain. Null if it is none. */
export function hostOf(typed: string): string | null {
  const text = typed.trim().toLowerCase();
  const wildcard = text.startsWith("*.") ? "*." : "";
  const bare = text.slice(wildcard.length);
  try {
    const { hostname } = new URL(bare.includes("://") ? bare : `https://${bare}`);
    // www.example.com is covered by example.com.
    const host = wildcard ? hostname : hostname.replace(/^www\./, "");
    return HOST.test(host) ? wildcard + host : null;
  } catch {
    return null;
  }
}
