import { useState } from "react";
import { type AlertRule, useDeleteRule, useSaveRule, useTestRule } from "../data/alerts";
import type { ChatDestination } from "../data/chat";
import type { Segment } from "../data/segments";
import { Failure } from "../design/failure";
import { RuleDialog } from "./rule-dialog";
import { sayChannel, sayRule } from "./wording";

interface RuleEntryProps {
  accountId: string;
  rule: AlertRule;
  segments: Segment[];
  destinations: ChatDestination[];
  mayShare: boolean;
}

/** A rule in words: mute it, test it, change it, delete it. */
export function RuleEntry({ accountId, rule, segments, destinations, mayShare }: RuleEntryProps) {
  const [isChanged, setIsChanged] = useState(false);
  const save = useSaveRule(accountId);
  const remove = useDeleteRule(accountId);
  const test = useTestRule();
  const error = save.error ?? remove.error ?? test.error;
  return (
    <li className="stack rule">
      <div className="row spread">
        <span className="entry">
          <strong>
            {rule.name} {!rule.enabled && <span className="chip">Muted</span>}
          </strong>
          <span className="soft small">
            {sayRule(rule, segments)}, {sayChannel(rule, destinations)}
          </span>
        </span>
        <span className="row actions" role="group" aria-label={rule.name}>
          <button
            type="button"
            className="button plain"
            disabled={save.isPending}
            onClick={() => save.mutate({ id: rule.id, enabled: !rule.enabled })}
          >
            {rule.enabled ? "Mute" : "Unmute"}
          </button>
          {rule.channel !== "webhook" && (
            <button type="button" className="button plain" disabled={test.isPending} onClick={() => test.mutate(rule.id)}>
              Send a test
            </button>
          )}
          <button type="button" className="button plain" aria-haspopup="dialog" onClick={() => setIsChanged(true)}>
            Change
          </button>
          <button type="button" className="button plain" disabled={remove.isPending} onClick={() => remove.mutate(rule.id)}>
            Delete
          </button>
        </span>
      </div>
      {test.isSuccess && !error && <p className="message good">A test is on its way. It should arrive within two minutes.</p>}
      {error && <Failure error={error} />}
      {isChanged && <RuleDialog accountId={accountId} rule={rule} mayShare={mayShare} onClose={() => setIsChanged(false)} />}
    </li>
  );
}
