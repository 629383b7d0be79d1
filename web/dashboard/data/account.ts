import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

export interface Retention {
  visits_days: number;
  counts_days: number;
  contacts_days: number;
}

const HEADER = { format: "leadsment-account", version: 1 };
const ROWS_AT_ONCE = 500;
const NO_EXPORT = "This is no export of an account. Choose the file that “Export everything” saved.";

export const useRetention = (accountId: string) =>
  useQuery({
    queryKey: ["retention", accountId],
    queryFn: async () => dataOf<Retention>(await supabase.rpc("get_retention", { account_id: accountId })),
  });

export function useChangeRetention(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (days: Retention) => {
      dataOf(await supabase.rpc("change_retention", { account_id: accountId, ...days }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["retention", accountId] }),
  });
}

/** The account as a file's lines: a header, then each row with its kind. told: of how many rows there are so far. */
export async function exportAccount(accountId: string, told: (rows: number) => void): Promise<string[]> {
  const kinds = dataOf<string[]>(await supabase.rpc("export_account", { account_id: accountId }));
  const lines = [`${JSON.stringify({ ...HEADER, exported_at: new Date().toISOString() })}\n`];
  let count = 0;
  for (const kind of kinds) {
    let after: object | null = null;
    for (;;) {
      const answer = await supabase.rpc("export_account", { account_id: accountId, kind, after });
      const rows: object[] = dataOf<object[]>(answer);
      const last = rows.at(-1);
      if (!last) break;
      lines.push(`${rows.map((row) => JSON.stringify({ kind, row })).join("\n")}\n`);
      after = last;
      told((count += rows.length));
    }
  }
  return lines;
}

/** Add an exported file's rows to an account; how many were new. What was added before is not added again. */
export async function importAccount(accountId: string, file: File, told: (rows: number) => void): Promise<number> {
  const [header, ...lines] = (await file.text()).split("\n").filter(Boolean);
  if (parsed(header).format !== HEADER.format || parsed(header).version !== HEADER.version) throw new Error(NO_EXPORT);
  let added = 0;
  for (let at = 0; at < lines.length; ) {
    const batch = nextBatch(lines, at);
    const answer = await supabase.rpc("import_account", { account_id: accountId, kind: batch.kind, kept_rows: batch.rows });
    added += dataOf<number>(answer);
    at += batch.rows.length;
    told(at);
  }
  return added;
}

/** The next rows of one kind. */
function nextBatch(lines: string[], from: number): { kind: string; rows: unknown[] } {
  const { kind } = parsed(lines[from]);
  const rows: unknown[] = [];
  while (rows.length < ROWS_AT_ONCE && from + rows.length < lines.length) {
    const line = parsed(lines[from + rows.length]);
    if (line.kind !== kind) break;
    rows.push(line.row);
  }
  return { kind: String(kind), rows };
}

function parsed(line = ""): Record<string, unknown> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    throw new Error(NO_EXPORT);
  }
}

export const useDeleteAccount = (accountId: string) =>
  useMutation({
    mutationFn: async (name: string) => {
      dataOf(await supabase.rpc("delete_account", { account_id: accountId, name_again: name }));
    },
  });
