/** What a webhook can be told of, in the order of the form. */
export const EVENTS: [event: string, words: string][] = [
  ["company.identified", "A company comes for the first time"],
  ["company.returned", "A company comes back"],
  ["segment.matched", "A company comes to match a segment"],
  ["contact.enriched", "A contact is found"],
  ["plan.limit_reached", "Your plan holds no more"],
];
