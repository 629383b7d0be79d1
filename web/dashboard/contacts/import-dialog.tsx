import { type ChangeEvent, useState } from "react";
import { type ImportedLine, useImportContacts } from "../data/contacts";
import type { Company } from "../data/types";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";
import { counted } from "../format";

const LARGEST_BYTES = 250_000;
const LINES_SHOWN = 50;

/** Import a file in two steps: what would become of each line, then the lines that are good. */
export function ImportDialog({ company, onClose }: { company: Company; onClose: () => void }) {
  const check = useImportContacts(company.id);
  const load = useImportContacts(company.id);
  const [csv, setCsv] = useState("");
  const [tooLarge, setTooLarge] = useState(false);
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    check.reset();
    load.reset();
    setTooLarge(Boolean(file && file.size > LARGEST_BYTES));
    if (!file || file.size > LARGEST_BYTES) return;
    const text = await file.text();
    setCsv(text);
    check.mutate({ csv: text, dryRun: true });
  };
  const good = check.data?.filter(({ state }) => state === "ready").length ?? 0;
  return (
    <Dialog title={`Import contacts of ${company.name}`} onClose={onClose}>
      <p className="small soft">
        A CSV file whose first line names the columns <code>role</code>, <code>work_email</code> and <code>linkedin</code>. Only
        work addresses at {company.domain ?? "the company’s domain"} and LinkedIn profiles are kept; nothing else is read.
      </p>
      <div className="field">
        <label htmlFor="contacts-file">File</label>
        <input id="contacts-file" type="file" accept=".csv,.txt,text/csv" onChange={(event) => void choose(event)} />
      </div>
      {tooLarge && <p className="message bad">The file is larger than 250 KB. Split it.</p>}
      {(load.error ?? check.error) && <Failure error={(load.error ?? check.error)!} />}
      {check.data && !load.data && <Lines lines={check.data} />}
      {load.data && <Loaded lines={load.data} />}
      <div className="row dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          {load.data ? "Close" : "Cancel"}
        </button>
        {!load.data && (
          <button
            type="button"
            className="button primary"
            disabled={!good || load.isPending}
            onClick={() => load.mutate({ csv, dryRun: false })}
          >
            {good ? `Import ${counted(good, "contact", "contacts")}` : "Import"}
          </button>
        )}
      </div>
    </Dialog>
  );
}

/** What would become of the lines: those with a reason by their numbers, so that they can be mended in the file. */
function Lines({ lines }: { lines: ImportedLine[] }) {
  const bad = lines.filter(({ state }) => state === "refused");
  return (
    <div role="status" className="stack">
      <p className={bad.length ? "message wait" : "message good"}>
        {counted(lines.length - bad.length, "line is", "lines are")} good
        {bad.length > 0 && `, ${counted(bad.length, "is", "are")} left out`}. Nothing is imported yet.
      </p>
      <Reasons lines={bad} />
    </div>
  );
}

function Loaded({ lines }: { lines: ImportedLine[] }) {
  const count = (state: ImportedLine["state"]) => lines.filter((line) => line.state === state).length;
  return (
    <div role="status" className="stack">
      <p className="message good">
        {counted(count("added"), "contact was", "contacts were")} added, {count("known")} known before, {count("refused")} left out.
      </p>
      <Reasons lines={lines.filter(({ state }) => state === "refused")} />
    </div>
  );
}

function Reasons({ lines }: { lines: ImportedLine[] }) {
  if (!lines.length) return null;
  return (
    <ul className="entries small import-lines" aria-label="Lines that are left out" tabIndex={0}>
      {lines.slice(0, LINES_SHOWN).map(({ line, reasons }) => (
        <li key={line}>
          <strong>Line {line}</strong> {reasons.join(" ")}
        </li>
      ))}
      {lines.length > LINES_SHOWN && <li>and {lines.length - LINES_SHOWN} more</li>}
    </ul>
  );
}
