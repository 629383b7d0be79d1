import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

export type DataRequestKind = "access" | "portability" | "erasure" | "objection" | "rectification" | "restriction";

interface Clock {
  id: string;
  reference: string;
  kind: DataRequestKind;
  channel: "form" | "mail" | "post";
  state: "waiting" | "open" | "done" | "refused";
  received_at: string;
  due_at: string;
  extended_at: string | null;
  ended_at: string | null;
}

export interface ListedDataRequest extends Clock {
  days_left: number;
}

export interface DataRequest extends Clock {
  email: string | null;
  details: string | null;
  proof: "mail" | "staff" | null;
  proof_seen: string | null;
  extension_reason: string | null;
  answer: string | null;
  outcome: Record<string, unknown> | null;
  has_login: boolean;
  contacts: { id: string; account: string; company: string; role: string | null; work_email: string | null }[];
  accounts_waiting: { id: string; name: string; members: { user_id: string; role: string; email: string }[] }[];
}

/** What people asked for about their data: what waits, the most urgent first, or what has ended. For staff in an admin session. */
export const useDataRequests = (ended: boolean) =>
  useQuery({
    queryKey: ["data-requests", ended],
    queryFn: async () => dataOf<ListedDataRequest[]>(await supabase.rpc("admin_list_data_requests", { ended })),
  });

/** One of them, with what is kept of the person. Each look is written down, so that it is fetched once and not again by itself. */
export const useDataRequest = (id: string) =>
  useQuery({
    queryKey: ["data-request", id],
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    queryFn: async () => dataOf<DataRequest>(await supabase.rpc("admin_look_at_data_request", { id })),
  });

/** Do something with a request, by the name of the function that does. */
export function useDataRequestDeed(deed: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (fields: Record<string, string | null>) =>
      dataOf<{ state?: string; id?: string } | null>(await supabase.rpc(`admin_${deed}`, fields)),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["data-requests"] }),
        queries.invalidateQueries({ queryKey: ["data-request"] }),
      ]),
  });
}
