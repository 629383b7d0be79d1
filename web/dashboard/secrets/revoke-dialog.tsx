import { useRevokeSecret } from "../data/secrets";
import type { SiteSecret } from "../data/types";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";

interface RevokeDialogProps {
  siteId: string;
  secret: SiteSecret;
  onClose: () => void;
}

/** Asks first: what still uses the secret is refused from its next page view on, and there is no way back. */
export function RevokeDialog({ siteId, secret, onClose }: RevokeDialogProps) {
  const revoke = useRevokeSecret(siteId);
  return (
    <Dialog title={`Revoke lmsk_…${secret.ending}?`} onClose={onClose}>
      <p>
        A proxy or server that still uses it is refused from its next page view on. This cannot be undone; you can create another
        secret.
      </p>
      {revoke.error && <Failure error={revoke.error} />}
      <div className="row dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="button primary"
          disabled={revoke.isPending}
          onClick={() => revoke.mutate(secret, { onSuccess: onClose })}
        >
          Revoke
        </button>
      </div>
    </Dialog>
  );
}
