import type { Correction, Verdict } from "../data/types";

interface VerdictWords {
  /** What a member chooses. */
  label: string;
  /** What will happen, before it is chosen. */
  consequence: string;
  /** What it is, after a company's name. */
  said: string;
  /** What holds, on the company's page. */
  holds: string;
}

const UNDOABLE = "You can undo this.";

/** Every verdict in the words of the people who give and read it, in the order they are offered. */
export const VERDICTS: Record<Verdict, VerdictWords> = {
  wrong_company: {
    label: "Wrong company",
    consequence: `Its visits disappear from your lists; new ones are counted as corrected, not kept. ${UNDOABLE}`,
    said: "wrong company",
    holds: "Marked as the wrong company. Its visits are left out of your lists.",
  },
  isp: {
    label: "This is an internet provider",
    consequence: `Its customers visited, not the provider: its visits disappear, new ones are counted as corrected. ${UNDOABLE}`,
    said: "an internet provider",
    holds: "Marked as an internet provider. Its visits are left out of your lists.",
  },
  own: {
    label: "This is us",
    consequence: `Your own visits disappear from your lists; new ones are counted as corrected, not kept. ${UNDOABLE}`,
    said: "your own company",
    holds: "Marked as your own company. Its visits are left out of your lists.",
  },
  same_as: {
    label: "Same as …",
    consequence: `Both become one row under the other's name, with the visits of both, also of new ones. ${UNDOABLE}`,
    said: "same as another",
    holds: "Its visits count for the other company.",
  },
};

/** Who gave a verdict, as the subject of a sentence. A correction that is not kept yet is the reader's own. */
export function speakerOf({ id, created_by }: Correction, userId: string | undefined): string {
  if (!id || created_by === userId) return "You";
  return created_by ? "A teammate" : "A newer company table";
}
