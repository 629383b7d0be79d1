
const LEADSMENT = "https://leadsment.example";
// What goes on, and nothing else: no cookie, and no Leadsment-Forwarded that a visitor sends to forge an address.
const FORWARDED = ["content-type", "origin", "user-agent", "dnt", "sec-gpc", "sec-purpose"];
const ANSWERED = ["content-type", "leadsment-outcome", "retry-after"];

async function leadsment(request, address, secret) {
  const { pathname } = new URL(request.url);
  try {
    if (request.method === "GET" && pathname === "/lm/s.js") return await script();
    if (request.method === "POST" && pathname === "/lm/b") return await beacon(request, address, secret);
  } catch (error) {
    console.error("Leadsment:", error.name);
    return new Response(null, { status: 503, headers: { "retry-after": "2" } });
  }
  return new Response(null, { status: 404 });
}

async function script() {
  const answer = await fetch(LEADSMENT + "/s.js", { cf: { cacheEverything: true, cacheTtl: 3600 }, next: { revalidate: 3600 } });
  if (!answer.ok) throw new Error("no script");
  const headers = { "content-type": "text/javascript; charset=utf-8", "cache-control": "public, max-age=3600" };
  return new Response(await answer.text(), { headers });
}

async function beacon(request, address, secret) {
  const body = await request.arrayBuffer();
  if (body.byteLength > 2048) return new Response(null, { status: 413 });
  const headers = picked(request.headers, FORWARDED);
  headers.set("leadsment-forwarded", await stated(address, body, secret));
  const answer = await fetch(LEADSMENT + "/b", { method: "POST", headers, body, signal: AbortSignal.timeout(5000) });
  return new Response((await answer.text()) || null, { status: answer.status, headers: picked(answer.headers, ANSWERED) });
}

function picked(headers, names) {
  return new Headers(names.filter((name) => headers.has(name)).map((name) => [name, headers.get(name)]));
}

// The visitor's address, signed for this body and the next five minutes.
async function stated(address, body, secret) {
  const bytes = (text) => new TextEncoder().encode(text);
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const key = await crypto.subtle.importKey("raw", bytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const time = Math.floor(Date.now() / 1000);
  const hash = hex(await crypto.subtle.digest("SHA-256", body));
  const seal = hex(await crypto.subtle.sign("HMAC", key, bytes(["v1", time, address, hash].join("\n"))));
  return `v1 t=${time} a=${address} b=${hash} s=${seal}`;
}
