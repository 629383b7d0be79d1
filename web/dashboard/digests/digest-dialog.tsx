import { useId, useState } from "react";
import { type Digest, type DigestChoices, useAddDigest, useChangeDigest } from "../data/digests";
import type { Segment } from "../data/segments";
import { useSites } from "../data/queries";
import type { Site } from "../data/types";
import { Dialog } from "../design/dialog";
import { ownTimeZone, TimeZoneOptions } from "../design/time-zone-options";
import { Failure } from "../design/failure";
import { useSubmit } from "../session/use-submit";
import { formatHour, WEEKDAYS } from "./wording";

type DigestDialogProps = { onClose: () => void } & (
  | { site: Site; segments: Segment[] }
  | { accountId: string; digest: Digest }
);

/** Of what a digest is, and when it comes. What it is of stays as it is: another one is as quickly made. */
export function DigestDialog(props: DigestDialogProps) {
  const digest = "digest" in props ? props.digest : undefined;
  const accountId = "site" in props ? props.site.account_id : props.accountId;
  const [rhythm, setRhythm] = useState(digest?.rhythm ?? "daily");
  const add = useAddDigest(accountId);
  const change = useChangeDigest(accountId);
  const { busy, error, submit } = useSubmit(async (fields) => {
    const when = whenOf(fields, rhythm);
    if (digest) await change.mutateAsync({ id: digest.id, ...when });
    else await add.mutateAsync({ ...scopeOf(fields.scope ?? ""), ...when });
    props.onClose();
  });
  return (
    <Dialog title={digest ? `Change the digest of ${digest.about}` : "New digest"} onClose={props.onClose}>
      <form className="stack" onSubmit={submit}>
        {"site" in props && <Scope site={props.site} segments={props.segments} />}
        <Choice label="How often" name="rhythm" value={rhythm} onChange={(value) => setRhythm(value as Digest["rhythm"])}>
          <option value="daily">Every day</option>
          <option value="weekly">Once a week</option>
        </Choice>
        <div className="digest-when">
          {rhythm === "weekly" && (
            <Choice label="On" name="weekday" defaultValue={digest?.weekday ?? 1}>
              {WEEKDAYS.map(({ number, name }) => (
                <option key={number} value={number}>
                  {name}
                </option>
              ))}
            </Choice>
          )}
          <Choice label="At" name="hour" defaultValue={digest?.hour ?? 8}>
            {Array.from({ length: 24 }, (_, hour) => (
              <option key={hour} value={hour}>
                {formatHour(hour)}
              </option>
            ))}
          </Choice>
        </div>
        <Choice label="In the time zone" name="time_zone" defaultValue={digest?.time_zone ?? ownTimeZone()}>
          <TimeZoneOptions chosen={digest?.time_zone} />
        </Choice>
        {rhythm === "weekly" && (
          <label className="check">
            <input type="checkbox" name="tells_when_empty" defaultChecked={digest?.tells_when_empty ?? false} />
            <span>Also tell me, in a short note, when nobody came</span>
          </label>
        )}
        {error && <Failure error={error} />}
        <div className="row dialog-foot">
          <button type="button" className="button" onClick={props.onClose}>
            Cancel
          </button>
          <button className="button primary" disabled={busy}>
            {digest ? "Save" : "Create digest"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Scope({ site, segments }: { site: Site; segments: Segment[] }) {
  const sites = useSites().data?.filter(({ account_id }) => account_id === site.account_id) ?? [site];
  return (
    <Choice label="Companies that came to" name="scope" defaultValue={`site:${site.id}`}>
      <optgroup label="Websites">
        {sites.map(({ id, name }) => (
          <option key={id} value={`site:${id}`}>
            {name}
          </option>
        ))}
      </optgroup>
      {segments.length > 0 && (
        <optgroup label="All websites, companies in a segment">
          {segments.map(({ id, name }) => (
            <option key={id} value={`segment:${id}`}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
    </Choice>
  );
}

interface ChoiceProps extends Omit<React.ComponentProps<"select">, "onChange"> {
  label: string;
  onChange?: (value: string) => void;
}

function Choice({ label, onChange, children, ...select }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" onChange={onChange && (({ target }) => onChange(target.value))} {...select}>
        {children}
      </select>
    </div>
  );
}

function scopeOf(scope: string): Pick<DigestChoices, "site_id" | "segment_id"> {
  const [kind, id = null] = scope.split(":");
  return kind === "segment" ? { site_id: null, segment_id: id } : { site_id: id, segment_id: null };
}

function whenOf(fields: Record<string, string>, rhythm: DigestChoices["rhythm"]): Omit<DigestChoices, "site_id" | "segment_id"> {
  const isWeekly = rhythm === "weekly";
  return {
    rhythm,
    weekday: isWeekly ? Number(fields.weekday) : null,
    hour: Number(fields.hour),
    time_zone: fields.time_zone ?? "UTC",
    tells_when_empty: isWeekly && fields.tells_when_empty === "on",
  };
}
