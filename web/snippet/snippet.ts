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

export {};

// What TypeScript does not know of browsers.
declare global {
  interface Navigator {
    readonly globalPrivacyControl?: boolean;
  }
  interface Window {
    readonly navigation?: EventTarget;
  }
}

const tag = document.currentScript as HTMLScriptElement;
const retryMilliseconds = 2000;

let allowed: boolean;
let lastPath = "";

const send = async (body: string, isRetry?: boolean): Promise<void> => {
  try {
    // Beside the script: behind a proxy of the page's own host, /lm/s.js posts to /lm/b.
    const answer = await fetch(new URL("b", tag.src), {
      method: "POST",
      body,
      keepalive: true,
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    if (tag.dataset.debug != null) console.info("Leadsment:", answer.headers.get("leadsment-outcome") || answer.status);
    // Nothing but a passing trouble is tried again: 429 asks for fewer requests, and a refusal stays one.
    if (answer.status != 503) return;
  } catch {
    // The network failed. The host page must never notice.
  }
  if (!isRetry) setTimeout(send, retryMilliseconds, body, true);
};

/** Tell of the page if it is a new one that somebody sees. An event says what happened, if anything did. */
const show = (event: Partial<CustomEvent & PageTransitionEvent> = {}): void => {
  try {
    if (event.type == "leadsment:consent") allowed = event.detail !== false;
    if (event.persisted) lastPath = "";
    // A page that is prerendered or opened in the background counts when it is first seen.
    if (!allowed || document.hidden || location.pathname == lastPath) return;
    lastPath = location.pathname;
    const campaign = location.search.match(/\butm_(source|medium|campaign|term|content)=[^&]*/g);
    void send(
      JSON.stringify({
        k: tag.dataset.site,
        // Random for each page view, so that a retry is not counted twice; says nothing about the browser.
        i: crypto.getRandomValues(new Uint8Array(9)).join(""),
        u: location.origin + lastPath + (campaign ? "?" + campaign.join("&") : ""),
        r: tag.dataset.referrer != null ? document.referrer.split(/[/:]+/)[1] : undefined,
      }),
    );
  } catch {
    // The host page must never notice us.
  }
};

try {
  if (document.querySelector("script[data-site^=s]") != tag) {
    console.warn("Leadsment: needs one data-site");
  } else if (!navigator.globalPrivacyControl && navigator.doNotTrack != "1") {
    allowed = (tag.dataset.consent ?? "granted") == "granted";
    for (const name of ["popstate", "pageshow", "visibilitychange", "leadsment:consent"]) {
      addEventListener(name, show as EventListener);
    }
    if (window.navigation) {
      window.navigation.addEventListener("currententrychange", show as EventListener);
    } else {
      for (const name of ["pushState", "replaceState"] as const) {
        const original = history[name];
        history[name] = function () {
          original.apply(this, arguments as unknown as Parameters<typeof original>);
          show();
        };
      }
    }
    show();
  }
} catch {
  // The host page must never notice us.
}
