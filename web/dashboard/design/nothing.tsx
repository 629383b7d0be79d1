import { Notice } from "./notice";

/** Where an address leads nowhere: or to what is not for the reader, which is told no differently. */
export const Nothing = () => (
  <Notice title="There is nothing here" action={{ to: "/", label: "Go to your companies" }}>
    The page may have moved, or the link was cut.
  </Notice>
);
