import { X } from "lucide-react";
import { useChangeCountries, useExcludedCountries } from "../data/exclusions";
import { Failure } from "../design/failure";
import { useSubmit } from "../session/use-submit";
import { COUNTRIES, type Country } from "./country-list";

interface CountriesProps {
  accountId: string;
  mayChange: boolean;
}

export function Countries({ accountId, mayChange }: CountriesProps) {
  const countries = useExcludedCountries(accountId);
  const change = useChangeCountries(accountId);
  const excluded = COUNTRIES.filter(({ code }) => countries.data?.some(({ country }) => country === code));
  const error = countries.error ?? change.error;
  return (
    <div className="stack exclusions" role="group" aria-labelledby="countries-title">
      <h3 id="countries-title">Countries</h3>
      <p className="small soft">
        Companies of these countries make no visit. One whose country is not known is never left out.
      </p>
      {countries.data?.length === 0 && <p className="small">No country is excluded.</p>}
      {excluded.length > 0 && (
        <ul className="row" aria-label="Excluded countries">
          {excluded.map(({ code, name }) => (
            <li key={code} className="chip country">
              {name}
              {mayChange && (
                <button type="button" aria-label={`Remove ${name}`} onClick={() => change.mutate({ remove: code })}>
                  <X size={14} aria-hidden="true" />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {error && <Failure error={error} />}
      {mayChange && <CountryForm excluded={excluded} onAdd={(code) => change.mutateAsync({ add: code })} />}
    </div>
  );
}

interface CountryFormProps {
  excluded: Country[];
  onAdd: (code: string) => Promise<void>;
}

function CountryForm({ excluded, onAdd }: CountryFormProps) {
  const { busy, submit } = useSubmit(async ({ country = "" }) => onAdd(country));
  return (
    <form className="row" onSubmit={submit}>
      <select className="input grow" name="country" aria-label="Country" defaultValue="" key={excluded.length} required>
        <option value="" disabled>
          Choose a country
        </option>
        {COUNTRIES.filter((country) => !excluded.includes(country)).map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
      <button className="button" disabled={busy}>
        Add country
      </button>
    </form>
  );
}
