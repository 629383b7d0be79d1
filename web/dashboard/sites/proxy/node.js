// Leadsment under your own domain, for Express and node:http: app.use(leadsment), before anything that reads bodies.
// The address is the connection's. Behind a load balancer, tell Express: app.set("trust proxy", "<its network>").
import { createHash, createHmac } from "node:crypto";

const LEADSMENT = "https://leadsment.example";
// What goes on, and nothing else: no cookie, and no Leadsment-Forwarded that a visitor sends to forge an address.
const FORWARDED = ["content-type", "origin", "user-agent", "dnt", "sec-gpc", "sec-purpose"];
const ANSWERED = ["content-type", "leadsment-outcome", "retry-after", "cache-control"];

export async function leadsment(request, response, next) {
  const called = request.method + " " + (request.originalUrl ?? request.url).split("?")[0];
  if (called !== "GET /lm/s.js" && called !== "POST /lm/b") return next();
  try {
    const answer = called === "GET /lm/s.js" ? await fetch(LEADSMENT + "/s.js") : await beacon(request);
    response.statusCode = answer.status;
    for (const name of ANSWERED) if (answer.headers.has(name)) response.setHeader(name, answer.headers.get(name));
    response.end(await answer.text());
  } catch (error) {
    console.error("Leadsment:", error.name);
    response.statusCode = 503;
    response.setHeader("retry-after", "2");
    response.end();
  }
}

async function beacon(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
    if (chunks.reduce((sum, { length }) => sum + length, 0) > 2048) return new Response(null, { status: 413 });
  }
  const body = Buffer.concat(chunks);
  const headers = FORWARDED.filter((name) => request.headers[name]).map((name) => [name, request.headers[name]]);
  headers.push(["leadsment-forwarded", stated(request.ip ?? request.socket.remoteAddress, body)]);
  return fetch(LEADSMENT + "/b", { method: "POST", headers, body, signal: AbortSignal.timeout(5000) });
}

// The visitor's address, signed for this body and the next five minutes.
function stated(address, body) {
  const time = Math.floor(Date.now() / 1000);
  const hash = createHash("sha256").update(body).digest("hex");
  const signed = ["v1", time, address, hash].join("\n");
  const seal = createHmac("sha256", process.env.LEADSMENT_SECRET).update(signed).digest("hex");
  return `v1 t=${time} a=${address} b=${hash} s=${seal}`;
}
