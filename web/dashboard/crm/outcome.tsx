import { ExternalLink } from "lucide-react";
import type { CrmLink, CrmVendor } from "../data/crm";
import { formatExact, formatRelative } from "../format";
import { VENDORS } from "./vendors";

const WORDS: Record<CrmLink["outcome"], string> = {
  waiting: "On its way",
  created: "Created",
  updated: "Updated",
  unchanged: "Up to date",
  failed: "Not taken",
};

/** What became of a push, why if it did not succeed, and the record in the CRM. */
export function Outcome({ vendor, link }: { vendor: CrmVendor; link: CrmLink }) {
  const { outcome, reason, pushed_at, remote_url } = link;
  return (
    <>
      <span className={outcome === "failed" ? "small crm-failed" : "small soft"}>
        {outcome === "waiting" && reason ? "Waits" : WORDS[outcome]}
        {pushed_at && outcome !== "waiting" && outcome !== "failed" && (
          <>
            {" "}
            <time dateTime={pushed_at} title={formatExact(pushed_at)}>
              {formatRelative(pushed_at)}
            </time>
          </>
        )}
        {reason && `: ${reason}`}
      </span>
      {remote_url && (
        <a className="small" href={remote_url} target="_blank" rel="noreferrer">
          Open in {VENDORS[vendor].label} <ExternalLink size={14} aria-hidden="true" />
        </a>
      )}
    </>
  );
}
