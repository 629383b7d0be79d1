// Serve a proxy on 127.0.0.1:$PORT as its platform would: node serve.mjs <kind> <file>
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [kind, file] = process.argv.slice(2);
const proxy = await import(pathToFileURL(file));
const answers = {
  cloudflare: (request) => proxy.default.fetch(request, process.env),
  next: (request) => proxy[request.method]?.(request),
  vercel: (request) => (proxy.config.matcher.includes(new URL(request.url).pathname) ? proxy.default(request) : undefined),
};

// A platform that speaks the Fetch standard.
async function byFetch(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = chunks.length ? Buffer.concat(chunks) : undefined;
  const asked = new Request(`http://localhost${request.url}`, { method: request.method, headers: request.headers, body });
  const answer = (await answers[kind](asked)) ?? new Response("elsewhere", { status: 404 });
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}

// Express, which takes the address from the load balancer it was told to trust.
function byExpress(request, response) {
  const stated = request.headers["x-simulated-address"];
  if (stated) request.ip = stated;
  return proxy.leadsment(request, response, () => {
    response.statusCode = 404;
    response.end("elsewhere");
  });
}

// Express with pages of its own, whose views the middleware reports.
function pages(request, response) {
  request.ip = request.headers["x-simulated-address"] ?? request.socket.remoteAddress;
  proxy.reportPageView(request, response, () => {
    response.setHeader("content-type", request.url.endsWith(".json") ? "application/json" : "text/html; charset=utf-8");
    response.end("<p>a page</p>");
  });
}

createServer({ node: byExpress, report: pages }[kind] ?? byFetch).listen(Number(process.env.PORT), "127.0.0.1");
