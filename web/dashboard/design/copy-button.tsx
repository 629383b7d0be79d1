import { Check, Copy } from "lucide-react";
import { useState } from "react";

const SHOWN_MILLISECONDS = 2000;

/** Copy a text, and say that it was copied. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MILLISECONDS);
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      {copied ? <Check size={16} /> : <Copy size={16} />}
      <span aria-live="polite">{copied ? "Copied" : label}</span>
    </button>
  );
}
