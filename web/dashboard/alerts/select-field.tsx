import { type ComponentPropsWithRef, useId } from "react";

interface SelectFieldProps extends ComponentPropsWithRef<"select"> {
  label: string;
  hint?: string | undefined;
}

/** A labelled choice of one, with an optional hint. */
export function SelectField({ label, hint, children, ...select }: SelectFieldProps) {
  const id = useId();
  return (
    <div className="field top">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" aria-describedby={hint ? `${id}-hint` : undefined} {...select}>
        {children}
      </select>
      {hint && (
        <span id={`${id}-hint`} className="hint">
          {hint}
        </span>
      )}
    </div>
  );
}
