import { useMemo } from "react";
import { type Digest, useDigestPreview } from "../data/digests";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";

interface PreviewDialogProps {
  digest: Digest;
  onClose: () => void;
}

/** The letter itself, with what there is to tell so far. */
export function PreviewDialog({ digest, onClose }: PreviewDialogProps) {
  const preview = useDigestPreview(digest.id);
  return (
    <Dialog title="The next digest so far" onClose={onClose}>
      {preview.error && <Failure error={preview.error} retry={() => void preview.refetch()} />}
      {!preview.data && !preview.error && <div className="skeleton preview" aria-label="Loading" role="status" />}
      {preview.data && (
        <>
          <p className="small">
            <span className="soft">Subject: </span>
            {preview.data.subject}
          </p>
          <Letter html={preview.data.html} />
          <details>
            <summary>As plain text</summary>
            <pre className="preview-text" tabIndex={0}>
              {preview.data.text}
            </pre>
          </details>
        </>
      )}
      <div className="row dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

/** In a frame in which no script runs and no link leads anywhere. */
function Letter({ html }: { html: string }) {
  const inert = useMemo(() => withoutStyles(html), [html]);
  return (
    <iframe
      className="preview"
      title="The letter"
      // Same origin, so that its styles can be set from here; no scripts, so that nothing in it could use that.
      sandbox="allow-same-origin"
      srcDoc={inert}
      onLoad={({ currentTarget }) => setStyles(currentTarget.contentDocument)}
    />
  );
}

/** The page's policy refuses styles that come as text, which is all that mails have. They are put aside, and set by hand. */
function withoutStyles(html: string): string {
  const inert = html.replace(/<style>.*?<\/style>/s, "").replaceAll(" style=", " data-style=");
  const letter = new DOMParser().parseFromString(inert, "text/html");
  for (const link of letter.querySelectorAll("a")) link.removeAttribute("href");
  return letter.documentElement.outerHTML;
}

function setStyles(letter: Document | null): void {
  for (const element of letter?.querySelectorAll<HTMLElement>("[data-style]") ?? []) {
    element.style.cssText = element.dataset["style"] ?? "";
  }
}
