import { Plus, X } from "lucide-react";
import { useState } from "react";
import { type CrmConnection, type CrmFact, type MappedField, useChangeCrm } from "../data/crm";
import { Failure } from "../design/failure";
import { FACTS, VENDORS } from "./vendors";

const MOST = 20;

interface MappingEditorProps {
  connection: CrmConnection;
  mayChange: boolean;
}

/** Which fact goes into which field, and whether over what stands there. */
export function MappingEditor({ connection, mayChange }: MappingEditorProps) {
  const change = useChangeCrm(connection);
  const [rows, setRows] = useState<MappedField[]>(connection.mapping);
  const [isSaved, setSaved] = useState(false);
  const edit = (edited: MappedField[]) => {
    setSaved(false);
    setRows(edited);
  };
  const { label } = VENDORS[connection.vendor];
  return (
    <form
      className="stack crm-part"
      aria-label={`Fields in ${label}`}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ mapping: rows }, { onSuccess: () => setSaved(true) });
      }}
    >
      <p className="small soft">
        The domain always stands in <code>{connection.key_field}</code>: by it a record is found again, so it is never
        overwritten. Below: what we know, the field it goes into, named as {label}&rsquo;s API names it, and when.
      </p>
      {!rows.length && <p className="small">Nothing else is filled.</p>}
      <ul className="stack" aria-label="Fields">
        {rows.map((row, place) => (
          <Row
            key={place}
            row={row}
            place={place + 1}
            mayChange={mayChange}
            onChange={(changed) => edit(rows.map((known, other) => (other === place ? { ...known, ...changed } : known)))}
            onRemove={() => edit(rows.filter((_, other) => other !== place))}
          />
        ))}
      </ul>
      {change.error && <Failure error={change.error} />}
      {isSaved && (
        <p className="message good" role="status">
          Saved. It holds from the next push on.
        </p>
      )}
      {mayChange && (
        <div className="row">
          <button
            type="button"
            className="button"
            disabled={rows.length >= MOST}
            onClick={() => edit([...rows, { fact: "name", field: "", when: "empty" }])}
          >
            <Plus size={16} aria-hidden="true" /> Add a field
          </button>
          <button className="button primary" disabled={change.isPending}>
            Save fields
          </button>
        </div>
      )}
    </form>
  );
}

interface RowProps {
  row: MappedField;
  place: number;
  mayChange: boolean;
  onChange: (changed: Partial<MappedField>) => void;
  onRemove: () => void;
}

function Row({ row, place, mayChange, onChange, onRemove }: RowProps) {
  return (
    <li className="crm-mapping">
      <select
        className="input"
        aria-label={`Fact ${place}`}
        value={row.fact}
        disabled={!mayChange}
        onChange={({ target }) => onChange({ fact: target.value as CrmFact })}
      >
        {Object.entries(FACTS).map(([fact, label]) => (
          <option key={fact} value={fact}>
            {label}
          </option>
        ))}
      </select>
      <input
        className="input"
        aria-label={`Field ${place}`}
        value={row.field}
        placeholder="internal_name"
        maxLength={80}
        spellCheck={false}
        autoComplete="off"
        required
        disabled={!mayChange}
        onChange={({ target }) => onChange({ field: target.value.trim() })}
      />
      <select
        className="input"
        aria-label={`When ${place}`}
        value={row.when}
        disabled={!mayChange}
        onChange={({ target }) => onChange({ when: target.value as MappedField["when"] })}
      >
        <option value="empty">only if empty</option>
        <option value="always">always</option>
      </select>
      {mayChange && (
        <button type="button" className="button plain" aria-label={`Remove field ${place}`} onClick={onRemove}>
          <X size={16} aria-hidden="true" />
        </button>
      )}
    </li>
  );
}
