import type { Site } from "../data/types";
import { Countries } from "./countries";
import { Networks } from "./networks";

interface NotCountedProps {
  site: Site;
  mayChange: boolean;
}

/** What an account wants no visits from: its own networks, and countries. */
export function NotCounted({ site, mayChange }: NotCountedProps) {
  return (
    <section className="card card-body stack" aria-labelledby="not-counted-title">
      <h2 id="not-counted-title">Not counted</h2>
      <p className="small soft">
        Page views from here make no company visit, from the next one on and on all websites of your account. Their number
        stays in the funnel, as &ldquo;Excluded by you&rdquo;.
      </p>
      <Networks accountId={site.account_id} mayChange={mayChange} />
      <Countries accountId={site.account_id} mayChange={mayChange} />
    </section>
  );
}
