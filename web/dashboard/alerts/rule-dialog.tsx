import { type ReactNode, useState } from "react";
import { type AlertRule, type Channel, useSaveRule, type VisitKind } from "../data/alerts";
import { type ChatDestination, useChatDestinations } from "../data/chat";
import { type Segment, useSaveSegment, useSegments } from "../data/segments";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";
import { SelectField } from "./select-field";
import { SegmentFields } from "./segment-fields";
import { EMPTY_DRAFT, filterOf, type SegmentDraft } from "./segment-filter";

const NEW_SEGMENT = "new";

interface RuleDialogProps {
  accountId: string;
  /** The rule to change; a new one without. */
  rule?: AlertRule | undefined;
  /** Whether the member may post to chat and webhooks, and write segments. */
  mayShare: boolean;
  onClose: () => void;
}

/** Of which visits to tell, and where. A segment may be written along with the rule. */
export function RuleDialog({ accountId, rule, mayShare, onClose }: RuleDialogProps) {
  const segments = useSegments(accountId).data ?? [];
  const destinations = useChatDestinations(accountId).data ?? [];
  const [about, setAbout] = useState<AlertRule["about"]>(rule?.about ?? "every");
  const [segmentId, setSegmentId] = useState(rule?.segment_id ?? "");
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [onlyOnChange, setOnlyOnChange] = useState(rule?.only_on_change ?? false);
  const save = useSaveAll(accountId);
  const chosen = segmentId || segments[0]?.id || (mayShare ? NEW_SEGMENT : "");
  const { busy, error, submit } = useSubmit(async (fields) => {
    await save(ruleOf(fields, { about, onlyOnChange }), about === "segment" ? chosen : null, fields.segment_name ?? "", draft, rule?.id);
    onClose();
  });
  return (
    <Dialog title={rule ? `Change “${rule.name}”` : "New alert"} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <Field label="Name" name="name" defaultValue={rule?.name} placeholder="Buyers on the pricing page" maxLength={80} required />
        <About about={about} onChange={setAbout} maySegment={mayShare || segments.length > 0} />
        {about === "segment" && (
          <>
            <SegmentChoice segments={segments} chosen={chosen} onChoose={setSegmentId} mayAdd={mayShare} />
            {chosen === NEW_SEGMENT && (
              <div className="stack new-segment">
                <Field label="Name of the segment" name="segment_name" placeholder="Buyers" maxLength={80} required />
                <SegmentFields accountId={accountId} draft={draft} onChange={setDraft} />
              </div>
            )}
            <Check name="only_on_change" checked={onlyOnChange} onChange={setOnlyOnChange}>
              Only when a company comes to be in the segment, not at each of its visits
            </Check>
          </>
        )}
        {!(about === "segment" && onlyOnChange) && <Kinds kinds={rule?.kinds ?? ["identified", "returned"]} />}
        <Where rule={rule} destinations={destinations} mayShare={mayShare} mayWebhook={about === "segment"} />
        {error && <Failure error={error} />}
        <div className="row dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button className="button primary" disabled={busy}>
            {rule ? "Save" : "Create alert"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function ruleOf(fields: Record<string, string>, said: { about: AlertRule["about"]; onlyOnChange: boolean }): Partial<AlertRule> {
  const onlyOnChange = said.about === "segment" && said.onlyOnChange;
  const kinds = (["identified", "returned"] as VisitKind[]).filter((kind) => onlyOnChange || fields[kind]);
  if (!kinds.length) throw new Error("Say of which visits to tell: first ones, later ones, or both.");
  const [channel, destination] = (fields.where ?? "mail").split(":");
  return {
    name: (fields.name ?? "").trim(),
    about: said.about,
    kinds,
    only_on_change: onlyOnChange,
    channel: channel as Channel,
    chat_destination_id: destination ?? null,
  };
}

function useSaveAll(accountId: string) {
  const saveRule = useSaveRule(accountId);
  const saveSegment = useSaveSegment(accountId);
  return async (said: Partial<AlertRule>, segmentId: string | null, name: string, draft: SegmentDraft, ruleId?: string) => {
    let segment_id = segmentId;
    if (segmentId === NEW_SEGMENT) {
      const filter = filterOf(draft);
      if (!filter.conditions.length) throw new Error("Say at least one thing that the segment's companies have in common.");
      segment_id = await saveSegment.mutateAsync({ name: name.trim(), filter });
    }
    await saveRule.mutateAsync({ ...said, segment_id, ...(ruleId ? { id: ruleId } : {}) });
  };
}

interface AboutProps {
  about: AlertRule["about"];
  onChange: (about: AlertRule["about"]) => void;
  maySegment: boolean;
}

function About({ about, onChange, maySegment }: AboutProps) {
  const choices: [AlertRule["about"], string][] = [
    ["every", "Every company"],
    ["followed", "Companies I follow"],
  ];
  if (maySegment) choices.push(["segment", "Companies in a segment"]);
  return (
    <fieldset className="stack choices">
      <legend>Tell me of</legend>
      {choices.map(([value, label]) => (
        <label key={value} className="check">
          <input type="radio" name="about" checked={about === value} onChange={() => onChange(value)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface SegmentChoiceProps {
  segments: Segment[];
  chosen: string;
  onChoose: (id: string) => void;
  mayAdd: boolean;
}

function SegmentChoice({ segments, chosen, onChoose, mayAdd }: SegmentChoiceProps) {
  return (
    <SelectField label="Segment" value={chosen} onChange={({ target }) => onChoose(target.value)} required>
      {segments.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
      {mayAdd && <option value={NEW_SEGMENT}>New segment …</option>}
    </SelectField>
  );
}

function Kinds({ kinds }: { kinds: VisitKind[] }) {
  return (
    <fieldset className="stack choices">
      <legend>When</legend>
      <label className="check">
        <input type="checkbox" name="identified" defaultChecked={kinds.includes("identified")} />
        <span>It visits for the first time</span>
      </label>
      <label className="check">
        <input type="checkbox" name="returned" defaultChecked={kinds.includes("returned")} />
        <span>It comes back</span>
      </label>
    </fieldset>
  );
}

interface WhereProps {
  rule: AlertRule | undefined;
  destinations: ChatDestination[];
  mayShare: boolean;
  mayWebhook: boolean;
}

function Where({ rule, destinations, mayShare, mayWebhook }: WhereProps) {
  const now = rule ? [rule.channel, rule.chat_destination_id].filter(Boolean).join(":") : "mail";
  return (
    <SelectField
      key={`${destinations.length} ${mayWebhook}`}
      label="Where"
      name="where"
      defaultValue={now}
      hint={mayShare && !destinations.length ? "Connect Slack or Teams under Integrations to post there." : undefined}
    >
      <option value="mail">E-mail to me</option>
      {mayShare &&
        destinations.map(({ id, kind, name }) => (
          <option key={id} value={`${kind}:${id}`}>
            {kind === "slack" ? "Slack" : "Teams"}: {name}
          </option>
        ))}
      {mayShare && mayWebhook && <option value="webhook">The account&rsquo;s webhooks</option>}
    </SelectField>
  );
}

interface CheckProps {
  name: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}

function Check({ name, checked, onChange, children }: CheckProps) {
  return (
    <label className="check">
      <input type="checkbox" name={name} checked={checked} onChange={({ target }) => onChange(target.checked)} />
      <span>{children}</span>
    </label>
  );
}
