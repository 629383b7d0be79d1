import { ChatSection } from "../chat/chat-section";
import { CrmSection } from "../crm/crm-section";
import type { Site } from "../data/types";
import { WebhooksSection } from "../webhooks/webhooks-section";

/** Where companies go by themselves: webhooks, chat and CRM, each a section. They belong to the account, not to one site. */
export default function IntegrationsPage({ site }: { site: Site }) {
  return (
    <>
      <h1>Integrations</h1>
      <p className="soft">Send the companies that visit to your own tools, by themselves. This holds for all websites of the account of {site.name}.</p>
      <WebhooksSection accountId={site.account_id} />
      <ChatSection key={`chat ${site.account_id}`} site={site} />
      <CrmSection key={`crm ${site.account_id}`} site={site} />
    </>
  );
}
