import { useDeferredValue, useState } from "react";
import { useCandidates } from "../data/corrections";
import type { Company } from "../data/types";
import { Failure } from "../design/failure";
import { Monogram } from "../design/monogram";

interface CompanyChoiceProps {
  company: Company;
  chosen: Company | null;
  onChoose: (other: Company) => void;
}

/** Find another company of the account by name or domain, and choose it. */
export function CompanyChoice({ company, chosen, onChoose }: CompanyChoiceProps) {
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed.trim());
  const candidates = useCandidates(company, search);
  const found = candidates.data ?? [];
  return (
    <div className="stack choice">
      <input
        className="input"
        type="search"
        aria-label="Search the other company"
        placeholder="Search by name or domain"
        value={typed}
        // The form is sent by its button: Enter only ends the search.
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
        onChange={({ target }) => setTyped(target.value)}
      />
      {candidates.error && <Failure error={candidates.error} retry={() => void candidates.refetch()} />}
      <div className="candidates" role="radiogroup" aria-label="The other company">
        {found.map((other) => (
          <label key={other.id} className="row candidate">
            <input
              type="radio"
              name="same_as"
              value={other.id}
              checked={other.id === chosen?.id}
              onChange={() => onChoose(other)}
              required
            />
            <Monogram name={other.name} />
            <span className="company-name">
              <strong>{other.name}</strong>
              {other.domain && <span className="soft small">{other.domain}</span>}
            </span>
          </label>
        ))}
      </div>
      <p className="soft small" role="status">
        {candidates.isSuccess && !found.length && "No other company of yours has this in its name or domain."}
      </p>
    </div>
  );
}
