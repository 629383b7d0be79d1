// Leadsment under your own domain: middleware.js in the root of any project on Vercel.
// Vercel sets X-Real-IP itself, whatever a visitor sends under the name.
export const config = { matcher: ["/lm/s.js", "/lm/b"] };
export default (request) => leadsment(request, request.headers.get("x-real-ip"), process.env.LEADSMENT_SECRET);
