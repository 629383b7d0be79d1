// Leadsment under your own domain: app/lm/[file]/route.js of a Next.js app.
// Vercel sets X-Real-IP itself, whatever a visitor sends. Elsewhere, take the header that your own load balancer overwrites.
const handle = (request) => leadsment(request, request.headers.get("x-real-ip"), process.env.LEADSMENT_SECRET);
export { handle as GET, handle as POST };
