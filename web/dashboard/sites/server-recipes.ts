import type { Site } from "../data/types";
import express from "./server/express.js?raw";
import shipLog from "./server/ship_log.py?raw";

/** Programs for a customer's server, and how to call them. Tests run them. */
export { express, shipLog };

/** One page view, told by hand. */
export const pageViewRequestFor = (site: Site): string => `curl ${location.origin}/api/v1/page-views \\
  -H "Authorization: Bearer $LEADSMENT_SECRET" \\
  -H "Content-Type: application/json" \\
  -d '{"site": "${site.public_key}", "page_views": [{
    "id": "3f9a6c1e8b7d4a52",
    "url": "${pagesOf(site)}/pricing",
    "address": "155.56.12.34",
    "user_agent": "Mozilla/5.0 ...",
    "referrer_host": "news.example",
    "at": "2026-11-24T09:30:00Z",
    "opted_out": false
  }]}'`;

export const shipLogCommandFor = (site: Site): string => `LEADSMENT_SECRET=lmsk_... python3 ship_log.py /var/log/nginx/leadsment.log \\
  ${pagesOf(site)} ${location.origin} ${site.public_key}`;

/** What lets nginx's log say whether a browser objects. */
export const logFormat = `log_format leadsment '$remote_addr - - [$time_local] "$request" $status 0 "$http_referer" "$http_user_agent" '
                     '"$http_sec_gpc" "$http_dnt"';
access_log /var/log/nginx/leadsment.log leadsment;`;

export const expressSettingsFor = (site: Site): string => `LEADSMENT_URL=${location.origin}
LEADSMENT_SITE=${site.public_key}
LEADSMENT_SECRET=lmsk_...
PAGE_HOST_URL=${pagesOf(site)}`;

/** Where the site's pages are; of a pattern of hosts, the one above them all. */
const pagesOf = (site: Site): string => `https://${(site.site_hosts[0]?.host ?? "example.com").replace("*.", "")}`;
