import { useRevokeSecret } from "../data/secrets";
import type { SiteSecret } from "../data/types";
import { ConfirmDialog } from "../design/confirm-dialog";

interface RevokeDialogProps {
  siteId: string;
  secret: SiteSecret;
  onClose: () => void;
}

/** Asks first: what still uses the secret is refused from its next page view on, and there is no way back. */
export function RevokeDialog({ siteId, secret, onClose }: RevokeDialogProps) {
  const revoke = useRevokeSecret(siteId);
  return (
    <ConfirmDialog
      title={`Revoke lmsk_…${secret.ending}?`}
      verb="Revoke"
      deed={revoke}
      onConfirm={() => revoke.mutate(secret, { onSuccess: onClose })}
      onClose={onClose}
    >
      A proxy or server that still uses it is refused from its next page view on. This cannot be undone; you can create another
      secret.
    </ConfirmDialog>
  );
}
