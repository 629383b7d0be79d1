import { useRef, useState } from "react";
import { getOwnNetwork, useExcludeNetwork } from "../data/exclusions";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";
import { networkOf } from "./network";

const NOTE_CHARACTERS = 120;

/** Type a network, or have the field filled with one's own: nothing is added before it was seen. */
export function NetworkForm({ accountId }: { accountId: string }) {
  const exclude = useExcludeNetwork(accountId);
  const field = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const own = useOwnNetwork((network) => {
    field.current!.value = network;
    field.current!.focus();
  });
  const { busy, error, submit } = useSubmit(async ({ network: typed = "", note = "" }) => {
    const network = networkOf(typed);
    if (!network) throw new Error("This is not a network. Write an address, or a network such as 198.51.100.0/24.");
    await exclude.mutateAsync({ network, note: note.trim() || null });
    form.current?.reset();
  });
  return (
    <form ref={form} className="stack" onSubmit={submit}>
      <div className="network-fields">
        <Field ref={field} label="Network or address" name="network" placeholder="198.51.100.0/24" autoComplete="off" required />
        <Field label="Note (optional)" name="note" placeholder="Office in Hamburg" maxLength={NOTE_CHARACTERS} />
      </div>
      {(error ?? own.error) && <Failure error={(error ?? own.error)!} />}
      <div className="row">
        <button className="button" disabled={busy}>
          Add network
        </button>
        <button type="button" className="button plain" disabled={own.busy} onClick={own.ask}>
          {own.busy ? "Asking …" : "Add my current network"}
        </button>
      </div>
    </form>
  );
}

function useOwnNetwork(onAnswer: (network: string) => void) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const ask = () => {
    setBusy(true);
    setError(null);
    getOwnNetwork()
      .then(onAnswer)
      .catch((failure: unknown) => setError(failure instanceof Error ? failure : new Error(String(failure))))
      .finally(() => setBusy(false));
  };
  return { busy, error, ask };
}
