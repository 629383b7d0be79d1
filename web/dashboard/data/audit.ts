import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

const PAGE_SIZE = 50;
// What export_audit_entries answers at once.
const EXPORTED_AT_ONCE = 1000;

export interface AuditEntry {
  seq: number;
  at: string;
  actor: string | null;
  actor_kind: "member" | "staff" | "product" | "public" | "operator";
  actor_email?: string | null;
  action: string;
  subject_id: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
}

interface ExportedEntry {
  seq: number;
  entry: string;
  hash: string;
}

const nextOf = (last: AuditEntry[]) => (last.length < PAGE_SIZE ? undefined : last.at(-1)?.seq);

/** An account's log, the latest first. subject: one kind of record; empty for all. */
export const useAuditEntries = (accountId: string, subject: string) =>
  useInfiniteQuery({
    queryKey: ["audit", accountId, subject],
    initialPageParam: null as number | null,
    queryFn: async ({ pageParam }) =>
      dataOf<AuditEntry[]>(
        await supabase.rpc("list_audit_entries", {
          account_id: accountId,
          before_seq: pageParam,
          most: PAGE_SIZE,
          subject: subject || null,
        }),
      ),
    getNextPageParam: nextOf,
  });

/** The platform's own chain, for staff. */
export const usePlatformAudit = () =>
  useInfiniteQuery({
    queryKey: ["admin", "audit"],
    initialPageParam: null as number | null,
    queryFn: async ({ pageParam }) =>
      dataOf<AuditEntry[]>(await supabase.rpc("admin_list_platform_audit", { before_seq: pageParam, most: PAGE_SIZE })),
    getNextPageParam: nextOf,
  });

/** The whole log as docs/audit.md has it: entries, then anchors, one JSON object a line. */
export async function exportAudit(accountId: string): Promise<string> {
  const lines: unknown[] = [];
  for (let after = 0; ; ) {
    const part = dataOf<ExportedEntry[]>(
      await supabase.rpc("export_audit_entries", { account_id: accountId, after_seq: after }),
    );
    lines.push(...part);
    after = part.at(-1)?.seq ?? after;
    if (part.length < EXPORTED_AT_ONCE) break;
  }
  lines.push(...dataOf<unknown[]>(await supabase.rpc("export_audit_anchors", { account_id: accountId })));
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Until when Leadsment's staff may see the account; null where they may not. */
export const useSupport = (accountId: string) =>
  useQuery({
    queryKey: ["support", accountId],
    queryFn: async () => dataOf<string | null>(await supabase.rpc("get_support", { account_id: accountId })),
  });

/** Let staff see the account for some hours, or with null take that back. */
export function useChangeSupport(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (hours: number | null) => {
      dataOf(
        hours === null
          ? await supabase.rpc("withdraw_support", { account_id: accountId })
          : await supabase.rpc("grant_support", { account_id: accountId, hours }),
      );
    },
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["support", accountId] }),
        queries.invalidateQueries({ queryKey: ["audit", accountId] }),
      ]),
  });
}
