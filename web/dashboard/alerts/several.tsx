import { X } from "lucide-react";
import { useId } from "react";

interface SeveralProps {
  label: string;
  options: { value: string; label: string }[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** Choose several values, one after the other: what is chosen stands below, and can be taken away. */
export function Several({ label, options, chosen, onChange }: SeveralProps) {
  const id = useId();
  const nameOf = (value: string) => options.find((option) => option.value === value)?.label ?? value;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" value="" onChange={({ target }) => onChange([...chosen, target.value])}>
        <option value="" disabled>
          {chosen.length ? "Add another" : "Any"}
        </option>
        {options
          .filter(({ value }) => !chosen.includes(value))
          .map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
      </select>
      {chosen.length > 0 && (
        <ul className="row chosen" aria-label={label}>
          {chosen.map((value) => (
            <li key={value} className="chip country">
              {nameOf(value)}
              <button
                type="button"
                aria-label={`Remove ${nameOf(value)}`}
                onClick={() => onChange(chosen.filter((kept) => kept !== value))}
              >
                <X size={14} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
