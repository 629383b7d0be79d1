const IPV4_BITS = 32;
const IPV6_BITS = 128;
const GROUP_BITS = 16;

/**
 * The network of what a person types for one, in CIDR notation and begun at its first address: 198.51.100.7/24 is
 * 198.51.100.0/24, an address alone a network of one. Null if it is none. Whether it may be excluded is the database's to
 * say; what is no network is not sent there, where a message could repeat it.
 */
export function networkOf(typed: string): string | null {
  const parts = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(typed.trim());
  const bits = bitsOf(parts?.[1] ?? "");
  if (!bits) return null;
  const length = Number(parts?.[2] ?? bits.length);
  if (length > bits.length) return null;
  return `${addressOf(bits.slice(0, length).padEnd(bits.length, "0"))}/${length}`;
}

const binary = (value: number, bits: number): string => value.toString(2).padStart(bits, "0");

function bitsOf(address: string): string | null {
  if (address.includes(":")) return ipv6Bits(address);
  const numbers = /^\d{1,3}(\.\d{1,3}){3}$/.test(address) ? address.split(".").map(Number) : [];
  return numbers.length && numbers.every((number) => number < 256) ? numbers.map((number) => binary(number, 8)).join("") : null;
}

function ipv6Bits(address: string): string | null {
  if (!URL.canParse(`http://[${address}]`)) return null;
  // The browser has read it: lower-case groups, at most one "::", no dotted part.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = text.split("::").map((half) => half.split(":").filter(Boolean));
  const between = Array<string>(IPV6_BITS / GROUP_BITS - head.length - tail.length).fill("0");
  return [...head, ...between, ...tail].map((group) => binary(parseInt(group, 16), GROUP_BITS)).join("");
}

function addressOf(bits: string): string {
  if (bits.length === IPV4_BITS) return bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)).join(".");
  const groups = bits.match(/.{16}/g)!.map((group) => parseInt(group, 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
