// Leadsment under your own domain, on Cloudflare Workers.
// Cloudflare sets CF-Connecting-IP itself, whatever a visitor sends under the name.
export default {
  fetch: (request, env) => leadsment(request, request.headers.get("cf-connecting-ip"), env.LEADSMENT_SECRET),
};
