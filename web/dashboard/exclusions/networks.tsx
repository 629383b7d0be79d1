import { X } from "lucide-react";
import { useRef, useState } from "react";
import { useExcludedNetworks, useIncludeNetwork, useExcludeNetwork } from "../data/exclusions";
import type { ExcludedNetwork } from "../data/types";
import { Failure } from "../design/failure";
import { NetworkForm } from "./network-form";

interface NetworksProps {
  accountId: string;
  mayChange: boolean;
}

export function Networks({ accountId, mayChange }: NetworksProps) {
  const networks = useExcludedNetworks(accountId);
  const include = useIncludeNetwork(accountId);
  const [removed, setRemoved] = useState<ExcludedNetwork | null>(null);
  const remove = (network: ExcludedNetwork) => include.mutate(network, { onSuccess: () => setRemoved(network) });
  const error = networks.error ?? include.error;
  return (
    <div className="stack exclusions" role="group" aria-labelledby="networks-title">
      <h3 id="networks-title">Your own networks</h3>
      <p className="small soft">
        Such as your offices&rsquo;. These are your own networks, not your visitors&rsquo;: they are kept as you enter them, and
        compared with an address only while it is looked up in memory.
      </p>
      {networks.data?.length === 0 && <p className="small">No network is excluded.</p>}
      <ul className="entries">
        {networks.data?.map((network) => (
          <li key={network.id} className="row spread">
            <span className="entry">
              <span className="number">{network.network}</span>
              {network.note && <span className="soft small">{network.note}</span>}
            </span>
            {mayChange && (
              <button
                type="button"
                className="button plain"
                aria-label={`Remove ${network.network}`}
                disabled={include.isPending}
                onClick={() => remove(network)}
              >
                <X size={16} aria-hidden="true" />
              </button>
            )}
          </li>
        ))}
      </ul>
      <Removed accountId={accountId} network={removed} onUndone={() => setRemoved(null)} />
      {error && <Failure error={error} />}
      {mayChange && <NetworkForm accountId={accountId} />}
    </div>
  );
}

interface RemovedProps {
  accountId: string;
  network: ExcludedNetwork | null;
  onUndone: () => void;
}

/** What was removed just now, and the way back. Takes the focus that the removed line had. */
function Removed({ accountId, network, onUndone }: RemovedProps) {
  const exclude = useExcludeNetwork(accountId);
  const place = useRef<HTMLDivElement>(null);
  const undo = ({ network, note }: ExcludedNetwork) => {
    place.current?.focus();
    exclude.mutate({ network, note }, { onSuccess: onUndone });
  };
  return (
    <div ref={place} role="status" tabIndex={-1}>
      {network && (
        <div className="message good row spread">
          <span>{network.network} is counted again.</span>
          <button type="button" className="button" autoFocus disabled={exclude.isPending} onClick={() => undo(network)}>
            Undo
          </button>
        </div>
      )}
      {exclude.error && <Failure error={exclude.error} />}
    </div>
  );
}
