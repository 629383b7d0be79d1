import type { Outcome } from "../data/types";

interface OutcomeWords {
  label: string;
  /** Why it is not in the list of companies, for the funnel. */
  why: string;
  /** What it proves when it was the last beacon, for the install check. */
  lastBeacon: string;
}

/** Every outcome of a beacon in the words of the people who read it, in the order of the funnel. */
export const OUTCOMES: Record<Outcome, OutcomeWords> = {
  identified: {
    label: "Identified",
    why: "came from the network of a company, university or public body, and made a visit.",
    lastBeacon: "It came from a company's network and made a visit.",
  },
  carrier: {
    label: "Internet providers",
    why: "came from homes, phones and offices behind a provider. Who is behind it cannot be known, and is not guessed.",
    lastBeacon: "It came from an internet provider's network, as most visits from homes and phones do. These are never shown.",
  },
  hoster: {
    label: "Data centres",
    why: "came from servers and cloud networks: machines rather than people at work.",
    lastBeacon: "It came from a data centre. These are never shown.",
  },
  relay: {
    label: "VPNs and proxies",
    why: "came through a service that hides where its users are.",
    lastBeacon: "It came through a VPN or proxy. These are never shown.",
  },
  natural_person: {
    label: "Private individuals",
    why: "came from networks held by a private person. A person is never shown.",
    lastBeacon: "It came from a private person's own network. These are never shown.",
  },
  unknown: {
    label: "Not certain",
    why: "came from networks whose holder we could not tell with certainty. Rather silent than wrong.",
    lastBeacon: "It came from a network whose holder is not certain, so nobody is named.",
  },
  reserved: {
    label: "Internal addresses",
    why: "came from addresses that do not exist on the public internet, such as a test on your own machine.",
    lastBeacon: "It came from an internal address, such as your own machine.",
  },
  bot: {
    label: "Crawlers",
    why: "came from search engines, monitors and other programs.",
    lastBeacon: "It came from a crawler.",
  },
  prefetch: {
    label: "Prefetches",
    why: "were loaded ahead by a browser; nobody looked at the page.",
    lastBeacon: "It was a browser's prefetch.",
  },
  opted_out: {
    label: "Opted out",
    why: "came from browsers that send Global Privacy Control or Do Not Track.",
    lastBeacon: "It came from a browser that has opted out (Global Privacy Control or Do Not Track).",
  },
  excluded: {
    label: "Excluded by you",
    why: "came from a network or a country that your account excludes.",
    lastBeacon: "It came from a network or a country that your account excludes.",
  },
  corrected: {
    label: "Corrected by you",
    why: "came from a company of which a member said that it is the wrong one, an internet provider or yourselves.",
    lastBeacon: "It came from a company that your account has corrected.",
  },
  company_opted_out: {
    label: "Companies opted out",
    why: "came from the network of a company that asked never to be identified.",
    lastBeacon: "It came from the network of a company that asked never to be identified.",
  },
};
