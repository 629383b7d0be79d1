import { useState } from "react";
import { type NotificationSettings, useNotificationSettings, useSaveNotificationSettings } from "../data/alerts";
import { Failure } from "../design/failure";
import { ownTimeZone, TimeZoneOptions } from "../design/time-zone-options";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";
import { SelectField } from "./select-field";

const DEFAULTS: NotificationSettings = {
  time_zone: ownTimeZone(),
  alerts_per_day: 20,
  quiet_from: null,
  quiet_until: null,
};

/** How many alerts a day, and when none: the member's own. */
export function ReachForm({ accountId }: { accountId: string }) {
  const settings = useNotificationSettings(accountId);
  if (settings.error) return <Failure error={settings.error} retry={() => void settings.refetch()} />;
  if (settings.isPending) return null;
  return <Form accountId={accountId} settings={settings.data ?? DEFAULTS} />;
}

function Form({ accountId, settings }: { accountId: string; settings: NotificationSettings }) {
  const save = useSaveNotificationSettings(accountId);
  const [isQuiet, setIsQuiet] = useState(settings.quiet_from !== null);
  const { busy, error, submit } = useSubmit(async ({ alerts_per_day = "", time_zone = "", quiet_from, quiet_until }) => {
    await save.mutateAsync({
      alerts_per_day: Number(alerts_per_day),
      time_zone,
      quiet_from: isQuiet ? (quiet_from ?? null) : null,
      quiet_until: isQuiet ? (quiet_until ?? null) : null,
    });
  });
  return (
    <form className="stack exclusions" onSubmit={submit} aria-labelledby="reach-title">
      <h3 id="reach-title">When alerts reach you</h3>
      <div className="network-fields">
        <Field
          label="Alerts a day, at most"
          name="alerts_per_day"
          type="number"
          min={0}
          max={500}
          defaultValue={settings.alerts_per_day}
          hint="The others are left to your digest, if you get one."
          required
        />
        <SelectField label="Time zone" name="time_zone" defaultValue={settings.time_zone}>
          <TimeZoneOptions chosen={settings.time_zone} />
        </SelectField>
      </div>
      <label className="check">
        <input type="checkbox" checked={isQuiet} onChange={({ target }) => setIsQuiet(target.checked)} />
        <span>Quiet hours: alerts wait until they end</span>
      </label>
      {isQuiet && (
        <div className="network-fields">
          <Field label="From" name="quiet_from" type="time" defaultValue={settings.quiet_from?.slice(0, 5) ?? "20:00"} required />
          <Field label="Until" name="quiet_until" type="time" defaultValue={settings.quiet_until?.slice(0, 5) ?? "07:00"} required />
        </div>
      )}
      {error && <Failure error={error} />}
      {save.isSuccess && !error && <p className="message good">Saved.</p>}
      <div>
        <button className="button" disabled={busy}>
          Save
        </button>
      </div>
    </form>
  );
}
