import { useState } from "react";
import { Link, useSearch } from "wouter";
import { type ListedDataRequest, useDataRequests } from "../data/data-requests";
import { Failure } from "../design/failure";
import { counted, formatExact, formatRelative } from "../format";
import "./data-requests.css";
import { DataRequestDetail } from "./data-request-detail";
import { EnterDialog } from "./data-request-entry";

const URGENT_DAYS = 7;
const STATES = { waiting: "waits for proof", open: "open", done: "done", refused: "refused" };

/** What people asked for about their own data, for Leadsment's staff: what is due when, and what to do about it. */
export default function DataRequestsPage() {
  const id = new URLSearchParams(useSearch()).get("id");
  return (
    <div className="stack data-requests">
      {id ? <DataRequestDetail key={id} id={id} /> : <Overview />}
    </div>
  );
}

function Overview() {
  const [ended, setEnded] = useState(false);
  const [entering, setEntering] = useState(false);
  const requests = useDataRequests(ended);
  return (
    <>
      <div className="row spread">
        <h1>Data requests</h1>
        <button type="button" className="button primary" onClick={() => setEntering(true)}>
          Enter a request
        </button>
      </div>
      <p className="small soft">
        Copies, erasures and objections are carried out by themselves once the person has proved their address. What is left
        here has to be answered within 30 days of the day it was received (Art. 12(3) GDPR).
      </p>
      <div className="segments" role="group" aria-label="Which requests">
        <button type="button" aria-pressed={!ended} onClick={() => setEnded(false)}>
          Not answered yet
        </button>
        <button type="button" aria-pressed={ended} onClick={() => setEnded(true)}>
          Ended
        </button>
      </div>
      {requests.error && <Failure error={requests.error} retry={() => void requests.refetch()} />}
      {requests.data?.length === 0 && <p className="card card-body">{ended ? "None has ended yet." : "Nothing waits."}</p>}
      {Boolean(requests.data?.length) && (
        <ul className="entries card card-body" aria-label="Data requests">
          {requests.data?.map((request) => <Entry key={request.id} request={request} />)}
        </ul>
      )}
      {entering && <EnterDialog onClose={() => setEntering(false)} />}
    </>
  );
}

function Entry({ request }: { request: ListedDataRequest }) {
  const { id, reference, kind, channel, state, received_at, extended_at, ended_at } = request;
  return (
    <li className="row spread">
      <span className="entry">
        <Link to={`/admin/data-requests?id=${id}`}>
          {reference}: {kind}
        </Link>
        <span className="soft small">
          {STATES[state]}; by {channel},{" "}
          <time dateTime={received_at} title={formatExact(received_at)}>
            {formatRelative(received_at)}
          </time>
          {extended_at && "; extended"}
        </span>
      </span>
      {ended_at ? <span className="soft small">{formatExact(ended_at)}</span> : <DaysLeft days={request.days_left} />}
    </li>
  );
}

function DaysLeft({ days }: { days: number }) {
  const ahead = days === 0 ? "due today" : `${counted(days, "day", "days")} left`;
  const text = days < 0 ? `${counted(-days, "day", "days")} overdue` : ahead;
  return <span className={days <= URGENT_DAYS ? "chip days urgent" : "chip days"}>{text}</span>;
}
