/*
 * The Leadsment snippet: tells which page was viewed, and nothing about who viewed it.
 *
 *   <script defer src="https://your-leadsment.example/s.js" data-site="site_..."></script>
 *
 * data-consent   hold everything until the page dispatches `leadsment:consent` on window, or the value is "granted";
 *                an event with `detail: false` withdraws it again
 * data-referrer  also tell the referring host
 * data-debug     say in the console what became of each beacon
 *
 * No cookie, no storage, no fingerprint, no global name; it never throws into the page. Its size has a budget.
 */

const tag = document.currentScript as HTMLScriptElement | null;
const { site, consent, referrer, debug } = tag?.dataset ?? ({} as DOMStringMap);
const campaign = /^utm_(source|medium|campaign|term|content)$/;
const retryMilliseconds = 2000;

let allowed = consent === undefined || consent === "granted";
let lastPath: string | undefined;

const send = (body: string, retry?: boolean): unknown =>
  fetch(new URL("/b", tag!.src), {
    method: "POST",
    body,
    keepalive: true,
    credentials: "omit",
    referrerPolicy: "no-referrer",
  })
    .then((answer) => {
      if (debug !== undefined) console.info("Leadsment:", answer.headers.get("leadsment-outcome") || answer.status);
      if (answer.status === 503) throw 0;
    })
    .catch(() => {
      if (retry) setTimeout(send, retryMilliseconds, body);
    });

// A page that is prerendered or opened in the background counts when it is first seen.
const view = (): void => {
  const { origin, pathname, search } = location;
  if (!allowed || document.hidden || pathname === lastPath) return;
  lastPath = pathname;
  const kept = [...new URLSearchParams(search)].filter(([name]) => campaign.test(name));
  send(
    JSON.stringify({
      k: site,
      // Random for each page view, so that a retry is not counted twice; says nothing about the browser.
      i: (Math.random().toString(36) + Math.random().toString(36) + "00000000").replace(/0\./g, "").slice(0, 20),
      u: origin + pathname + (kept[0] ? "?" + new URLSearchParams(kept) : ""),
      r: referrer !== undefined && document.referrer ? new URL(document.referrer).hostname : undefined,
    }),
    true,
  );
};

const quietly = (action: () => void) => () => {
  try {
    action();
  } catch {
    // The host page must never notice us.
  }
};

quietly(() => {
  if (!site) return console.warn("Leadsment: the script tag needs data-site");
  const browser = navigator as Navigator & { globalPrivacyControl?: boolean };
  if (browser.globalPrivacyControl || browser.doNotTrack === "1" || document.querySelector("script[data-site]") !== tag) {
    return;
  }
  const show = quietly(view);
  addEventListener("leadsment:consent", (event) => {
    allowed = (event as CustomEvent).detail !== false;
    show();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) lastPath = undefined;
    show();
  });
  document.addEventListener("visibilitychange", show);
  const { navigation } = window as Window & { navigation?: EventTarget };
  if (navigation) {
    navigation.addEventListener("currententrychange", show);
  } else {
    addEventListener("popstate", show);
    for (const name of ["pushState", "replaceState"] as const) {
      const original = history[name];
      history[name] = function (...parameters) {
        original.apply(this, parameters);
        show();
      };
    }
  }
  show();
})();
