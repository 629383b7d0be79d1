import { useFilterCount } from "../data/segments";
import { COUNTRIES } from "../exclusions/country-list";
import { counted, formatEmployees } from "../format";
import { Field } from "../session/field";
import { EMPLOYEE_RANGES, filterOf, INDUSTRIES, type SegmentDraft } from "./segment-filter";
import { Several } from "./several";

const COUNTRY_OPTIONS = COUNTRIES.map(({ code, name }) => ({ value: code, label: name }));
const INDUSTRY_OPTIONS = INDUSTRIES.map((label) => ({ value: label, label }));
const EMPLOYEE_OPTIONS = EMPLOYEE_RANGES.map((value) => ({ value, label: formatEmployees(value) ?? value }));

interface SegmentFieldsProps {
  accountId: string;
  draft: SegmentDraft;
  onChange: (draft: SegmentDraft) => void;
}

/** What companies of a segment have in common, and how many there are so far. What is left empty does not matter. */
export function SegmentFields({ accountId, draft, onChange }: SegmentFieldsProps) {
  const set = (changes: Partial<SegmentDraft>) => onChange({ ...draft, ...changes });
  return (
    <>
      <div className="network-fields conditions">
        <Several label="Industry" options={INDUSTRY_OPTIONS} chosen={draft.industries} onChange={(industries) => set({ industries })} />
        <Several label="Country" options={COUNTRY_OPTIONS} chosen={draft.countries} onChange={(countries) => set({ countries })} />
        <Several label="Employees" options={EMPLOYEE_OPTIONS} chosen={draft.employees} onChange={(employees) => set({ employees })} />
        <Field
          label="Score, at least"
          type="number"
          min={1}
          max={100}
          placeholder="any"
          value={draft.score}
          onChange={({ target }) => set({ score: target.value })}
        />
        <Field
          label="Looked at a page under"
          placeholder="/pricing, /demo"
          value={draft.pages}
          onChange={({ target }) => set({ pages: target.value })}
        />
        <Field
          label="Visits, at least"
          type="number"
          min={1}
          max={10000}
          placeholder="any"
          value={draft.visits}
          onChange={({ target }) => set({ visits: target.value })}
        />
        <Field
          label="within days"
          type="number"
          min={1}
          max={730}
          required={Boolean(draft.visits)}
          disabled={!draft.visits}
          value={draft.visitDays}
          onChange={({ target }) => set({ visitDays: target.value })}
        />
      </div>
      <Count accountId={accountId} draft={draft} />
    </>
  );
}

function Count({ accountId, draft }: Pick<SegmentFieldsProps, "accountId" | "draft">) {
  const filter = filterOf(draft);
  const count = useFilterCount(accountId, filter);
  const said = count.error
    ? count.error.message
    : count.data !== undefined && filter.conditions.length
      ? `${counted(count.data, "company", "companies")} so far`
      : "Say at least one thing that these companies have in common.";
  return (
    <p className="small soft" role="status">
      {said}
    </p>
  );
}
