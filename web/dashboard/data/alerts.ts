import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

export type Channel = "mail" | "slack" | "teams" | "webhook";
export type VisitKind = "identified" | "returned";

export interface AlertRule {
  id: string;
  name: string;
  about: "every" | "segment" | "followed";
  segment_id: string | null;
  kinds: VisitKind[];
  only_on_change: boolean;
  channel: Channel;
  chat_destination_id: string | null;
  enabled: boolean;
}

/** The user's own rules in an account; nobody reads another's. */
export const useAlertRules = (accountId: string) =>
  useQuery({
    queryKey: ["alert-rules", accountId],
    queryFn: async () =>
      dataOf<AlertRule[]>(await supabase.from("alert_rules").select("*").eq("account_id", accountId).order("created_at")),
  });

/** Add a rule, or change the one with the id. */
export function useSaveRule(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, ...said }: Partial<AlertRule>) => {
      const rules = supabase.from("alert_rules");
      dataOf(await (id ? rules.update(said).eq("id", id) : rules.insert({ account_id: accountId, ...said })));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["alert-rules", accountId] }),
  });
}

export function useDeleteRule(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      dataOf(await supabase.from("alert_rules").delete().eq("id", id));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["alert-rules", accountId] }),
  });
}

export const useTestRule = () =>
  useMutation({
    mutationFn: async (ruleId: string) => {
      dataOf(await supabase.rpc("send_alert_test", { rule_id: ruleId }));
    },
  });

export interface NotificationSettings {
  time_zone: string;
  alerts_per_day: number;
  quiet_from: string | null;
  quiet_until: string | null;
}

/** The user's own settings in an account; null where they have said nothing. */
export const useNotificationSettings = (accountId: string) =>
  useQuery({
    queryKey: ["notification-settings", accountId],
    queryFn: async () =>
      dataOf<NotificationSettings | null>(
        await supabase
          .from("notification_settings")
          .select("time_zone, alerts_per_day, quiet_from, quiet_until")
          .eq("account_id", accountId)
          .maybeSingle(),
      ),
  });

export function useSaveNotificationSettings(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (settings: NotificationSettings) => {
      const row = { account_id: accountId, ...settings };
      dataOf(await supabase.from("notification_settings").upsert(row, { onConflict: "account_id,user_id" }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["notification-settings", accountId] }),
  });
}
