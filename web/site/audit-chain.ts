/** The check of lib/domain/audit_chain.py, in the reader's browser and in the same words: nothing of a log leaves the page. */

export interface Entry {
  seq: number;
  entry: string;
  hash: string;
}

export interface Anchor {
  day: string;
  chain: string;
  seq: number;
  hash: string;
  path: string[];
  root: string;
}

export interface Checked {
  entries: number;
  /** What is wrong with the first entry or anchor that is; null where all hold. */
  broken: string | null;
  /** By anchored day. */
  roots: Map<string, string>;
}

const GENESIS = "0".repeat(64);
const MOST_OF_A_LINE = 1_000_000;

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (...parts: Uint8Array[]): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts as BlobPart[]).arrayBuffer()));
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Take an exported log apart. Throws an Error with the number of the first bad line. */
export function readExport(text: string): { entries: Entry[]; anchors: Anchor[] } {
  const entries: Entry[] = [];
  const anchors: Anchor[] = [];
  text.replace(/\n$/, "").split("\n").forEach((line, at) => {
    const said = lineOf(line);
    if (isAnchor(said)) anchors.push(said);
    else if (isEntry(said)) entries.push(said);
    else throw new Error(`Line ${at + 1} is neither an entry nor an anchor of an exported log.`);
  });
  return { entries, anchors };
}

function lineOf(line: string): Record<string, unknown> {
  try {
    const said: unknown = line.length > MOST_OF_A_LINE ? null : JSON.parse(line);
    return typeof said === "object" && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const isText = (value: unknown): value is string => typeof value === "string";
const isEntry = (said: object): said is Entry =>
  "seq" in said && Number.isInteger(said.seq) && "entry" in said && isText(said.entry) && "hash" in said && isText(said.hash);
const isAnchor = (said: object): said is Anchor =>
  ["day", "chain", "hash", "root"].every((field) => isText((said as Record<string, unknown>)[field])) &&
  "seq" in said && Number.isInteger(said.seq) && "path" in said && Array.isArray(said.path) && said.path.every(isText);

/** Check a whole chain, from its first entry on, and the anchors that were made of it. */
export async function checkChain(entries: Entry[], anchors: Anchor[]): Promise<Checked> {
  const hashes = new Map([[0, GENESIS]]);
  const roots = new Map<string, string>();
  let previous = GENESIS;
  let chain: unknown;
  let count = 0;
  const found = (broken: string | null): Checked => ({ entries: count, broken, roots });
  for (const entry of entries) {
    const said = lineOf(entry.entry);
    chain ??= said["chain"];
    const fault = await faultOf(entry, said, count + 1, previous, chain);
    if (fault) return found(fault);
    count = entry.seq;
    previous = entry.hash;
    hashes.set(count, previous);
  }
  for (const anchor of anchors) {
    const fault = await anchorFaultOf(anchor, chain, hashes, count);
    if (fault) return found(fault);
    roots.set(anchor.day, anchor.root);
  }
  return found(null);
}

async function faultOf(entry: Entry, said: Record<string, unknown>, seq: number, previous: string, chain: unknown) {
  if (entry.seq !== seq) return `entry ${seq} is missing: entry ${entry.seq} stands in its place`;
  if (hexOf(await sha256(encode(entry.entry))) !== entry.hash)
    return `entry ${seq} was changed: its text does not have the hash that is kept with it`;
  if (said["previous"] !== previous) return `entry ${seq} does not follow entry ${seq - 1}: it names another hash`;
  if (said["seq"] !== seq || said["chain"] !== chain)
    return `entry ${seq} says it is another: entry ${String(said["seq"])} of chain ${String(said["chain"])}`;
  return null;
}

async function anchorFaultOf(anchor: Anchor, chain: unknown, hashes: Map<number, string>, last: number) {
  const { day, seq, hash, root } = anchor;
  if (anchor.chain !== (chain ?? anchor.chain)) return `the anchor of ${day} is of another chain`;
  if (!hashes.has(seq)) return `entries are missing at the end: there were ${seq} on ${day}, and there are ${last}`;
  if (hashes.get(seq) !== hash) return `entry ${seq} is not the one that was anchored on ${day}`;
  if ((await climb(anchor)) !== root) return `the anchor of ${day} does not lead to the root of that day`;
  return null;
}

async function climb({ chain, seq, hash, path }: Anchor): Promise<string> {
  let node = await sha256(Uint8Array.of(0), encode(`${chain} ${seq} ${hash}`));
  for (const step of path) {
    const sibling = bytesOf(step.slice(1));
    node = await (step.startsWith("L") ? sha256(Uint8Array.of(1), sibling, node) : sha256(Uint8Array.of(1), node, sibling));
  }
  return hexOf(node);
}
