import { type CrmConnection, useDisconnectCrm } from "../data/crm";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";
import { VENDORS } from "./vendors";

/** Asks first: the token, the fields and the log are forgotten. */
export function DisconnectDialog({ connection, onClose }: { connection: CrmConnection; onClose: () => void }) {
  const disconnect = useDisconnectCrm(connection);
  const { label } = VENDORS[connection.vendor];
  return (
    <Dialog title={`Disconnect ${label}?`} onClose={onClose}>
      <p>
        The token, the choice of fields and the log are deleted here, with what was on its way. Records in {label} stay as they
        are. Revoke the token in {label} as well.
      </p>
      {disconnect.error && <Failure error={disconnect.error} />}
      <div className="row dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="button primary"
          disabled={disconnect.isPending}
          onClick={() => disconnect.mutate(undefined, { onSuccess: onClose })}
        >
          Disconnect
        </button>
      </div>
    </Dialog>
  );
}
