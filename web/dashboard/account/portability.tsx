import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { exportAccount, importAccount } from "../data/account";
import { Failure } from "../design/failure";
import { saveFile } from "../../shared/save-file";
import { counted } from "../format";

/** Take everything along as a file, or bring such a file in. */
export function Portability({ accountId, mayImport }: { accountId: string; mayImport: boolean }) {
  const queries = useQueryClient();
  const chooser = useRef<HTMLInputElement>(null);
  const [rows, setRows] = useState(0);
  const taken = useMutation({
    mutationFn: async () => {
      setRows(0);
      const day = new Date().toISOString().slice(0, 10);
      saveFile(`leadsment-account-${day}.jsonl`, await exportAccount(accountId, setRows), "application/x-ndjson");
    },
  });
  const brought = useMutation({
    mutationFn: async (file: File) => {
      setRows(0);
      return importAccount(accountId, file, setRows);
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const busy = taken.isPending || brought.isPending;
  const error = taken.error ?? brought.error;
  return (
    <div className="stack">
      <div className="row">
        <button type="button" className="button" disabled={busy} onClick={() => taken.mutate()}>
          <Download size={16} aria-hidden="true" /> Export everything
        </button>
        {mayImport && (
          <>
            <button type="button" className="button" disabled={busy} onClick={() => chooser.current?.click()}>
              <Upload size={16} aria-hidden="true" /> Import an export
            </button>
            <input
              ref={chooser}
              type="file"
              hidden
              aria-label="Exported file"
              accept=".jsonl,application/x-ndjson"
              onChange={({ target }) => {
                const [file] = target.files ?? [];
                if (file) brought.mutate(file);
                target.value = "";
              }}
            />
          </>
        )}
      </div>
      <p className="small soft">
        The file holds visits, companies, corrections, segments, contacts and settings, one row a line. Secrets, connections and
        colleagues are not in it.{" "}
        {mayImport && "An import belongs into a new account; its websites get new keys, so their snippet has to be replaced."}
      </p>
      <p className="small" role="status">
        {busy && `${counted(rows, "row", "rows")} so far …`}
        {taken.isSuccess && !busy && `The file with ${counted(rows, "row", "rows")} is saved.`}
        {brought.isSuccess && !busy && `${counted(brought.data, "row is", "rows are")} new.`}
      </p>
      {error && <Failure error={error} />}
    </div>
  );
}
