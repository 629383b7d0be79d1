import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

export interface AdminSession {
  reason: string;
  expires_at: string;
}

export interface AdminStanding {
  is_operator: boolean;
  lacks_second_factor: boolean;
  session: AdminSession | null;
}

export interface AdminAccount {
  id: string;
  name: string;
  created_at: string;
  members: number;
  sites: number;
  last_visit_at: string | null;
}

export interface AccountDetail {
  id: string;
  name: string;
  created_at: string;
  /** Until when an owner lets staff see the account; null where they do not. */
  support_until: string | null;
  members: { role: string; email: string }[];
  sites: { id: string; name: string; beacons_per_day: number; hosts: string[] | null; last_visit_at: string | null }[];
}

const STANDING = ["admin-session"];

/** Whether the reader is of the staff, and their open session. Asked again each minute, as it ends by itself. */
export const useAdminStanding = () =>
  useQuery({
    queryKey: STANDING,
    refetchInterval: 60_000,
    queryFn: async () => dataOf<AdminStanding>(await supabase.rpc("get_admin_session")),
  });

export function useOpenAdminSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (reason: string) => dataOf<AdminSession>(await supabase.rpc("open_admin_session", { reason })),
    onSuccess: () => queries.invalidateQueries({ queryKey: STANDING }),
  });
}

export function useCloseAdminSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      dataOf(await supabase.rpc("close_admin_session"));
    },
    // What was read as staff goes with the session.
    onSuccess: () => {
      queries.removeQueries({ queryKey: ["admin"] });
      return queries.invalidateQueries();
    },
  });
}

export const useAdminAccounts = (search: string) =>
  useQuery({
    queryKey: ["admin", "accounts", search],
    queryFn: async () => dataOf<AdminAccount[]>(await supabase.rpc("admin_list_accounts", { search })),
    // Each call is an entry in the log: none that nobody asked for.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    staleTime: Infinity,
  });

/** Asked by a click, not by a render: the customer reads each look in their log. */
export const useLookAtAccount = () =>
  useMutation({
    mutationFn: async (account_id: string) =>
      dataOf<AccountDetail>(await supabase.rpc("admin_look_at_account", { account_id })),
  });

export function useEnterAccount() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (account_id: string) => {
      dataOf(await supabase.rpc("admin_enter_account", { account_id }));
    },
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: ["sites"] }), queries.invalidateQueries({ queryKey: ["accounts"] })]),
  });
}
