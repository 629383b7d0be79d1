import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { askApi } from "./api";
import { supabase } from "./client";

const LIST_MILLISECONDS = 15_000;
const LOG_MILLISECONDS = 3_000;
const LOG_ENTRIES = 20;
const NOT_SAVED = "The webhook could not be saved. Try again.";

export interface Webhook {
  id: string;
  url: string;
  events: string[];
  description: string;
  is_enabled: boolean;
  /** Why we switched it off ourselves. */
  ended_for: "gone" | "failing" | null;
  failing_since: string | null;
  last_delivered_at: string | null;
}

export interface WebhookAttempt {
  number: number;
  started_at: string;
  ended_at: string | null;
  outcome: "delivered" | "refused" | "unavailable" | "uncertain" | "lost" | null;
  status: number | null;
  detail: string | null;
}

export interface WebhookMessage {
  id: string;
  type: string;
  state: "waiting" | "sending" | "delivered" | "dead";
  created_at: string;
  ended_at: string | null;
  next_attempt_at: string | null;
  fault: string | null;
  attempts: WebhookAttempt[];
}

export interface NewWebhook {
  url: string;
  events: string[];
  description: string;
}

export const useWebhooks = (accountId: string) =>
  useQuery({
    queryKey: ["webhooks", accountId],
    refetchInterval: LIST_MILLISECONDS,
    queryFn: async () =>
      dataOf<Webhook[]>(
        await supabase
          .from("webhook_endpoints")
          .select("id, url, events, description, is_enabled, ended_for, failing_since, last_delivered_at")
          .eq("account_id", accountId)
          .order("created_at"),
      ),
  });

/** What was sent to a webhook lately, the newest first, with each attempt. */
export const useWebhookLog = (webhookId: string) =>
  useQuery({
    queryKey: ["webhook-log", webhookId],
    refetchInterval: LOG_MILLISECONDS,
    queryFn: async () =>
      dataOf<WebhookMessage[]>(
        await supabase.rpc("list_webhook_messages", { endpoint_id: webhookId, page_size: LOG_ENTRIES }),
      ),
  });

/** Add a webhook. Its secret is the mutation's data and nowhere else: nothing shows it again. */
export function useCreateWebhook(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (webhook: NewWebhook) =>
      askApi<{ id: string; secret: string }>("POST", "webhook-endpoints", { account_id: accountId, ...webhook }, NOT_SAVED),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["webhooks", accountId] }),
  });
}

/** Change what a webhook is; its URL goes through the door, which looks where it leads. */
export function useChangeWebhook(accountId: string, webhook: Webhook) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ url, ...changes }: Partial<NewWebhook & Pick<Webhook, "is_enabled">>) => {
      if (url && url !== webhook.url) await askApi("PUT", "webhook-endpoints", { id: webhook.id, url }, NOT_SAVED);
      dataOf(await supabase.rpc("update_webhook_endpoint", { endpoint_id: webhook.id, ...changes }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["webhooks", accountId] }),
  });
}

export function useDeleteWebhook(accountId: string, webhookId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      dataOf(await supabase.rpc("delete_webhook_endpoint", { endpoint_id: webhookId }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["webhooks", accountId] }),
  });
}

/** A new secret, shown once. The one before holds for another day, or no longer. */
export const useRotateSecret = (webhookId: string) =>
  useMutation({
    mutationFn: async (endsOldNow: boolean) =>
      dataOf<string>(await supabase.rpc("rotate_webhook_secret", { endpoint_id: webhookId, ends_old_now: endsOldNow })),
    gcTime: 0,
  });

export function useSendTest(webhookId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      dataOf(await supabase.rpc("send_webhook_test", { endpoint_id: webhookId }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["webhook-log", webhookId] }),
  });
}

export function useReplay(webhookId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (message: WebhookMessage) => {
      dataOf(await supabase.rpc("replay_webhook_message", { message_id: message.id }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["webhook-log", webhookId] }),
  });
}
