import { randomUUID } from "node:crypto";

const { LEADSMENT_URL, LEADSMENT_SITE, LEADSMENT_SECRET, PAGE_HOST_URL } = process.env;
const MOST_AT_ONCE = 500;
const MOST_WAITING = 5000;
let waiting = [];

export function reportPageView(request, response, next) {
  const at = new Date().toISOString();
  response.on("finish", () => {
    const isPage = request.method === "GET" && response.statusCode === 200 && /html/.test(response.getHeader("content-type"));
    const { referer, dnt, "user-agent": agent = "", "sec-gpc": gpc, "sec-purpose": purpose } = request.headers;
    if (!isPage || purpose || waiting.length >= MOST_WAITING) return;
    waiting.push({
      id: randomUUID().replaceAll("-", ""),
      url: PAGE_HOST_URL + (request.originalUrl ?? request.url),
      address: request.ip ?? request.socket.remoteAddress,
      user_agent: agent,
      referrer_host: URL.canParse(referer) ? new URL(referer).hostname : "",
      opted_out: dnt === "1" || gpc === "1",
      at,
    });
  });
  next();
}

async function send() {
  const page_views = waiting.splice(0, MOST_AT_ONCE);
  if (!page_views.length) return;
  const again = await post(page_views).catch(() => page_views);
  waiting.unshift(...again);
}

// Those that are to be sent again.
async function post(page_views) {
  const answer = await fetch(LEADSMENT_URL + "/api/v1/page-views", {
    method: "POST",
    headers: { authorization: "Bearer " + LEADSMENT_SECRET, "content-type": "application/json" },
    body: JSON.stringify({ site: LEADSMENT_SITE, page_views }),
    signal: AbortSignal.timeout(15_000),
  });
  const { results, message } = await answer.json();
  if (!results && answer.status < 500 && answer.status !== 429) return console.error("Leadsment refused:", message), [];
  return page_views.filter((_, place) => !results || "retry_after" in results[place]);
}

(function repeat() {
  setTimeout(() => send().finally(repeat), 2000).unref();
})();
