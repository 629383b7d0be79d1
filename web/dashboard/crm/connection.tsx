import { type ReactNode, useState } from "react";
import { type CrmConnection, useChangeCrm } from "../data/crm";
import { useSegments } from "../data/segments";
import { Failure } from "../design/failure";
import { ConnectForm } from "./connect-form";
import { CrmLog } from "./crm-log";
import { DisconnectDialog } from "./disconnect-dialog";
import { MappingEditor } from "./mapping-editor";
import { VENDORS } from "./vendors";

interface ConnectionProps {
  siteId: string;
  connection: CrmConnection;
  mayChange: boolean;
  mayPush: boolean;
}

type Opened = "mapping" | "log" | "token" | "disconnect" | null;

/** A CRM that is connected: how it is, which companies go there, into which fields, and what arrived. */
export function Connection({ siteId, connection, mayChange, mayPush }: ConnectionProps) {
  const [opened, setOpened] = useState<Opened>(null);
  const close = () => setOpened(null);
  const toggle = (part: Opened) => setOpened(opened === part ? null : part);
  const { label } = VENDORS[connection.vendor];
  return (
    <li className="stack crm-connection">
      <div className="row spread">
        <span className="row">
          <strong>{label}</strong> <State connection={connection} />
        </span>
        {mayChange && <Pause connection={connection} />}
      </div>
      {connection.state === "broken" && (
        <div className="message bad row spread" role="status">
          <span>{connection.reason} Companies wait, and leave once there is a token that works.</span>
          {mayChange && opened !== "token" && (
            <button type="button" className="button" onClick={() => setOpened("token")}>
              Paste a new token
            </button>
          )}
        </div>
      )}
      {mayChange && <Choice connection={connection} />}
      {mayChange && <Contacts connection={connection} />}
      <div className="row" role="group" aria-label={`${label}: more`}>
        <Toggle isOpen={opened === "log"} onToggle={() => toggle("log")}>
          Log
        </Toggle>
        <Toggle isOpen={opened === "mapping"} onToggle={() => toggle("mapping")}>
          Fields
        </Toggle>
        {mayChange && connection.state !== "broken" && (
          <Toggle isOpen={opened === "token"} onToggle={() => toggle("token")}>
            New token
          </Toggle>
        )}
        {mayChange && (
          <button type="button" className="button plain" onClick={() => setOpened("disconnect")}>
            Disconnect
          </button>
        )}
      </div>
      {opened === "log" && <CrmLog siteId={siteId} connection={connection} mayPush={mayPush} />}
      {opened === "mapping" && <MappingEditor connection={connection} mayChange={mayChange} />}
      {opened === "token" && (
        <ConnectForm
          accountId={connection.account_id}
          vendor={connection.vendor}
          connectionId={connection.id}
          onDone={close}
        />
      )}
      {opened === "disconnect" && <DisconnectDialog connection={connection} onClose={close} />}
    </li>
  );
}

/** Off until an owner or admin says so: it is data of people that leaves. */
function Contacts({ connection }: { connection: CrmConnection }) {
  const change = useChangeCrm(connection);
  // What was clicked shows at once; if the database refuses, what is true shows again, with the reason.
  const [wanted, setWanted] = useState<boolean | null>(null);
  const choose = (pushes_contacts: boolean) => {
    setWanted(pushes_contacts);
    change.mutate({ pushes_contacts }, { onSettled: () => setWanted(null) });
  };
  return (
    <div className="stack crm-logged">
      <label className="check">
        <input
          type="checkbox"
          checked={wanted ?? connection.pushes_contacts}
          onChange={({ target }) => choose(target.checked)}
        />
        <span>
          Push contacts with their company
          <span className="hint">
            {" "}
            – role, work address and LinkedIn profile, ten at most, each time recorded as an export. If they object, delete them
            in your CRM as well.
          </span>
        </span>
      </label>
      {change.error && <Failure error={change.error} />}
    </div>
  );
}

function Toggle({ isOpen, onToggle, children }: { isOpen: boolean; onToggle: () => void; children: ReactNode }) {
  return (
    <button type="button" className="button" aria-expanded={isOpen} onClick={onToggle}>
      {children}
    </button>
  );
}

function State({ connection }: { connection: CrmConnection }) {
  if (connection.state === "broken") return <span className="chip crm-bad">broken</span>;
  return <span className="chip">{connection.is_paused ? "paused" : "connected"}</span>;
}

function Pause({ connection }: { connection: CrmConnection }) {
  const change = useChangeCrm(connection);
  const { is_paused, vendor } = connection;
  return (
    <>
      <button
        type="button"
        className="button"
        aria-label={`${is_paused ? "Resume" : "Pause"} ${VENDORS[vendor].label}`}
        disabled={change.isPending}
        onClick={() => change.mutate({ is_paused: !is_paused })}
      >
        {is_paused ? "Resume" : "Pause"}
      </button>
      {change.error && <Failure error={change.error} />}
    </>
  );
}

/** Which companies go there by themselves. A segment is a value of its own in the list. */
function Choice({ connection }: { connection: CrmConnection }) {
  const change = useChangeCrm(connection);
  const segments = useSegments(connection.account_id);
  const id = `pushes-${connection.id}`;
  const current = connection.segment_id ?? connection.pushes;
  const choose = (value: string) =>
    change.mutate(value === "all" || value === "by_hand" ? { pushes: value } : { pushes: "segment", segment_id: value });
  return (
    <div className="field">
      <label htmlFor={id}>Which companies go there by themselves</label>
      <select id={id} className="input" value={current} disabled={change.isPending} onChange={({ target }) => choose(target.value)}>
        <option value="by_hand">None: you push each from its page</option>
        <option value="all">Every company that visits</option>
        {current === "segment" && <option value="segment">A segment that was deleted: none</option>}
        {segments.data?.map(({ id, name }) => (
          <option key={id} value={id}>
            Companies of the segment {name}
          </option>
        ))}
      </select>
      <span className="hint">With each visit, at most once a day.</span>
      {change.error && <Failure error={change.error} />}
    </div>
  );
}
