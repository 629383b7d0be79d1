import { useSearchParams } from "wouter";
import { type AlertRule, useSaveRule } from "../data/alerts";
import { Failure } from "../design/failure";

/** What an alert's link "mute this rule" leads to. Nothing is muted before the button: mail scanners open links. */
export function MuteBanner({ accountId, rules }: { accountId: string; rules: AlertRule[] }) {
  const [parameters, setParameters] = useSearchParams();
  const save = useSaveRule(accountId);
  const asked = parameters.get("mute");
  const rule = rules.find(({ id }) => id === asked);
  const dismiss = () => setParameters({}, { replace: true });
  if (!asked) return null;
  if (!rule?.enabled) {
    return (
      <p className="message good" role="status">
        {rule ? `“${rule.name}” is muted.` : "This rule is deleted, or it is a colleague’s."} It tells you nothing any more.
      </p>
    );
  }
  return (
    <div className="message wait stack" role="status">
      <p>
        Mute <strong>{rule.name}</strong>? What waits of it is not sent either. You can unmute it here at any time.
      </p>
      {save.error && <Failure error={save.error} />}
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={save.isPending}
          onClick={() => save.mutate({ id: rule.id, enabled: false })}
        >
          Mute this rule
        </button>
        <button type="button" className="button plain" onClick={dismiss}>
          Leave it on
        </button>
      </div>
    </div>
  );
}
