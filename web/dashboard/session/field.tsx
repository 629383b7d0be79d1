import { type ComponentPropsWithRef, useId } from "react";

interface FieldProps extends ComponentPropsWithRef<"input"> {
  label: string;
  hint?: string;
}

/** A labelled input with an optional hint. */
export function Field({ label, hint, ...input }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="input" aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
      {hint && (
        <span id={`${id}-hint`} className="hint">
          {hint}
        </span>
      )}
    </div>
  );
}
