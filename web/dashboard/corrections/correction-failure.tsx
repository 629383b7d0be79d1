import { X } from "lucide-react";
import { useCorrectionFailure } from "../data/corrections";
import { Failure } from "../design/failure";

/** A correction shows at once and is taken back if it fails: here is why, on whatever page the member is by then. */
export function CorrectionFailure() {
  const { error, dismiss } = useCorrectionFailure();
  if (!error) return null;
  return (
    <div className="row correction-failure">
      <div className="grow">
        <Failure error={new Error(`The correction was not kept, and all is as before. ${error.message}`, { cause: error })} />
      </div>
      <button type="button" className="button plain" aria-label="Dismiss" onClick={dismiss}>
        <X size={16} aria-hidden="true" />
      </button>
    </div>
  );
}
