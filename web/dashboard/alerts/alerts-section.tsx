import { Bell } from "lucide-react";
import { useState } from "react";
import "./alerts.css";
import { useAlertRules } from "../data/alerts";
import { useChatDestinations } from "../data/chat";
import { useSegments } from "../data/segments";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { useRights } from "../sites/use-rights";
import { MuteBanner } from "./mute-banner";
import { ReachForm } from "./reach-form";
import { RuleDialog } from "./rule-dialog";
import { RuleEntry } from "./rule-entry";
import { SegmentList } from "./segment-list";

/** The member's own alert rules, the account's segments, and when alerts may come. */
export function AlertsSection({ site }: { site: Site }) {
  const accountId = site.account_id;
  const { mayCorrect: mayShare } = useRights(accountId);
  const [isNew, setIsNew] = useState(false);
  const rules = useAlertRules(accountId);
  const segments = useSegments(accountId);
  const destinations = useChatDestinations(accountId);
  const failed = [rules, segments, destinations].find(({ error }) => error);
  return (
    <section className="card card-body stack" aria-labelledby="alerts-title">
      <h2 id="alerts-title">Alerts</h2>
      <p className="small soft">
        Within a minute or two of a visit, by e-mail or in a chat. Alerts are yours alone, and for all websites of your account.
      </p>
      {failed?.error && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      {rules.data && <MuteBanner accountId={accountId} rules={rules.data} />}
      {rules.data?.length === 0 && <p className="small">There is no alert yet.</p>}
      {rules.data && rules.data.length > 0 && (
        <ul className="entries" aria-label="Alerts">
          {rules.data.map((rule) => (
            <RuleEntry
              key={rule.id}
              accountId={accountId}
              rule={rule}
              segments={segments.data ?? []}
              destinations={destinations.data ?? []}
              mayShare={mayShare}
            />
          ))}
        </ul>
      )}
      <div>
        <button type="button" className="button" aria-haspopup="dialog" onClick={() => setIsNew(true)}>
          <Bell size={16} aria-hidden="true" /> New alert
        </button>
      </div>
      {isNew && <RuleDialog accountId={accountId} mayShare={mayShare} onClose={() => setIsNew(false)} />}
      <SegmentList accountId={accountId} segments={segments.data ?? []} mayShare={mayShare} />
      <ReachForm accountId={accountId} />
    </section>
  );
}
