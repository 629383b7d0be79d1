import { useDeleteAccount } from "../data/account";
import type { Account } from "../data/types";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";

/** Asks for the account's name first: there is no way back. */
export function DeleteAccountDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const remove = useDeleteAccount(account.id);
  const { busy, error, submit } = useSubmit(async ({ name = "" }) => {
    await remove.mutateAsync(name);
    // Everything that was loaded is of an account that is no more.
    location.assign("/app");
  });
  return (
    <Dialog title={`Delete ${account.name}?`} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p>
          All websites, visits, companies, contacts, connections and rules go with it, for all of its members, at once. This cannot
          be undone: export everything first if you may want it again.
        </p>
        <Field label={`Type ${account.name} to go on`} name="name" autoComplete="off" required />
        {error && <Failure error={error} />}
        <div className="row dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button className="button primary" disabled={busy}>
            Delete everything
          </button>
        </div>
      </form>
    </Dialog>
  );
}
