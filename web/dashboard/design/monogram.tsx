const TINTS = 6;

/** A company's initials on a tint of its own. No logo is fetched from anywhere: that would tell others who is viewed. */
export function Monogram({ name, large }: { name: string; large?: boolean }) {
  const words = name.split(/[\s.&-]+/).filter((word) => /[\p{L}\d]/u.test(word));
  const initials = words.slice(0, 2).map((word) => word[0]!.toUpperCase());
  const tint = [...name].reduce((sum, character) => sum + character.codePointAt(0)!, 0) % TINTS;
  return (
    <span className={`monogram tint-${tint}${large ? " large" : ""}`} aria-hidden="true">
      {initials.join("")}
    </span>
  );
}
