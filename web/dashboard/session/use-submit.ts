import { type FormEvent, useState } from "react";

interface Submit {
  busy: boolean;
  error: Error | null;
  submit: (event: FormEvent<HTMLFormElement>) => void;
}

/** Send a form: what is being sent, what went wrong. The action gets the form's fields by name. */
export function useSubmit(action: (fields: Record<string, string>) => Promise<void>): Submit {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    setBusy(true);
    setError(null);
    action(fields)
      .catch((failure: unknown) => setError(failure instanceof Error ? failure : new Error(String(failure))))
      .finally(() => setBusy(false));
  };
  return { busy, error, submit };
}
