import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

export type ChatKind = "slack" | "teams";

export interface ChatDestination {
  id: string;
  kind: ChatKind;
  name: string;
  /** The address's last four characters. */
  ending: string;
  last_delivered_at: string | null;
  broken_at: string | null;
  broken_reason: string | null;
}

const COLUMNS = "id, kind, name, ending, last_delivered_at, broken_at, broken_reason";
// A test is delivered within a minute or two: what became of it shows by itself.
const ASKED_EVERY_MS = 15_000;

export const useChatDestinations = (accountId: string) =>
  useQuery({
    queryKey: ["chat-destinations", accountId],
    refetchInterval: ASKED_EVERY_MS,
    queryFn: async () =>
      dataOf<ChatDestination[]>(
        await supabase.from("chat_destinations").select(COLUMNS).eq("account_id", accountId).order("name"),
      ),
  });

function useChatMutation<Said>(accountId: string, change: (said: Said) => Promise<void>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all(["chat-destinations", "alert-rules"].map((name) => queries.invalidateQueries({ queryKey: [name, accountId] }))),
  });
}

export const useAddChat = (accountId: string) =>
  useChatMutation(accountId, async (said: { kind: ChatKind; name: string; url: string }) => {
    dataOf(await supabase.rpc("add_chat_destination", { account_id: accountId, ...said }));
  });

export const useReplaceChatUrl = (accountId: string) =>
  useChatMutation(accountId, async ({ id, url }: { id: string; url: string }) => {
    dataOf(await supabase.rpc("replace_chat_url", { destination_id: id, url }));
  });

export const useTestChat = (accountId: string) =>
  useChatMutation(accountId, async (id: string) => {
    dataOf(await supabase.rpc("send_chat_test", { destination_id: id }));
  });

export const useRemoveChat = (accountId: string) =>
  useChatMutation(accountId, async (id: string) => {
    dataOf(await supabase.from("chat_destinations").delete().eq("id", id));
  });
