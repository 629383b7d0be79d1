import { useState } from "react";
import { type Saying } from "../data/corrections";
import type { Company, Verdict } from "../data/types";
import { Dialog } from "../design/dialog";
import { useSubmit } from "../session/use-submit";
import { CompanyChoice } from "./company-choice";
import { VERDICTS } from "./verdicts";

const NOTE_CHARACTERS = 500;
const CHOICES = Object.keys(VERDICTS) as Verdict[];

interface CorrectionDialogProps {
  company: Company;
  onSay: (said: Saying) => void;
  onClose: () => void;
}

/** What is it really? Four answers, each with what it will do. */
export function CorrectionDialog({ company, onSay, onClose }: CorrectionDialogProps) {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [other, setOther] = useState<Company | null>(null);
  const sameAs = verdict === "same_as" ? other : null;
  const isComplete = verdict !== null && (verdict !== "same_as" || sameAs !== null);
  const { submit } = useSubmit(async ({ note = "" }) => {
    if (!verdict || !isComplete) return;
    onSay({ company, verdict, sameAs, note: note.trim() || null });
    onClose();
  });
  return (
    <Dialog title={`Not ${company.name}?`} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <fieldset className="stack verdicts">
          <legend className="small soft">What is it really? Only your account sees the answer.</legend>
          {CHOICES.map((choice) => (
            <div key={choice} className="verdict">
              <label className="check">
                <input type="radio" name="verdict" value={choice} required onChange={() => setVerdict(choice)} />
                <span>
                  {VERDICTS[choice].label}
                  <span className="hint"> {VERDICTS[choice].consequence}</span>
                </span>
              </label>
              {choice === verdict && choice === "wrong_company" && <Note />}
              {choice === verdict && choice === "same_as" && (
                <CompanyChoice company={company} chosen={other} onChoose={setOther} />
              )}
            </div>
          ))}
        </fieldset>
        <div className="row dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button className="button primary" disabled={!isComplete}>
            {sameAs ? `Show as ${sameAs.name}` : "Correct"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Note() {
  return (
    <div className="field choice">
      <label htmlFor="correction-note">Who is it really? (optional)</label>
      <input id="correction-note" className="input" name="note" maxLength={NOTE_CHARACTERS} autoComplete="off" />
    </div>
  );
}
