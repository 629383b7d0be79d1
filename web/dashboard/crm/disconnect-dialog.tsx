import { type CrmConnection, useDisconnectCrm } from "../data/crm";
import { ConfirmDialog } from "../design/confirm-dialog";
import { VENDORS } from "./vendors";

/** Asks first: the token, the fields and the log are forgotten. */
export function DisconnectDialog({ connection, onClose }: { connection: CrmConnection; onClose: () => void }) {
  const disconnect = useDisconnectCrm(connection);
  const { label } = VENDORS[connection.vendor];
  return (
    <ConfirmDialog
      title={`Disconnect ${label}?`}
      verb="Disconnect"
      deed={disconnect}
      onConfirm={() => disconnect.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      The token, the choice of fields and the log are deleted here, with what was on its way. Records in {label} stay as they
      are. Revoke the token in {label} as well.
    </ConfirmDialog>
  );
}
