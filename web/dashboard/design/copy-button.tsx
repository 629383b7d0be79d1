import { Check, Copy } from "lucide-react";
import { useState } from "react";

const SHOWN_MILLISECONDS = 2000;

/** Copy a text, and say that it was copied, or how to do it by hand where the browser does not let us. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState<string | null>(null);
  const copied = said === "Copied";
  const copy = async () => {
    setSaid(await navigator.clipboard.writeText(text).then(() => "Copied", () => "Select the text and copy it"));
    setTimeout(() => setSaid(null), SHOWN_MILLISECONDS);
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      {copied ? <Check size={16} /> : <Copy size={16} />}
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
