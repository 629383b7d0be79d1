import { AlertsSection } from "../alerts/alerts-section";
import type { Site } from "../data/types";
import { DigestsSection } from "../digests/digests-section";
import { MailBanner } from "../digests/mail-banner";

/** What the reader hears of by mail or chat: digests and alerts, each a section. */
export default function NotificationsPage({ site }: { site: Site }) {
  return (
    <>
      <h1>Notifications</h1>
      <p className="soft">What you hear of {site.name} without opening the dashboard.</p>
      <MailBanner />
      <DigestsSection key={`digests ${site.id}`} site={site} />
      <AlertsSection key={`alerts ${site.account_id}`} site={site} />
    </>
  );
}
