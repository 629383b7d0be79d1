import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";
import type { ExcludedCountry, ExcludedNetwork } from "./types";

export const useExcludedNetworks = (accountId: string) =>
  useQuery({
    queryKey: ["excluded-networks", accountId],
    queryFn: async () =>
      dataOf<ExcludedNetwork[]>(
        await supabase.from("excluded_networks").select("id, network, note").eq("account_id", accountId).order("created_at"),
      ),
  });

export type NetworkRule = Pick<ExcludedNetwork, "network" | "note">;

export function useExcludeNetwork(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (rule: NetworkRule) => {
      dataOf(await supabase.from("excluded_networks").insert({ account_id: accountId, ...rule }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["excluded-networks", accountId] }),
  });
}

export function useIncludeNetwork(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id }: ExcludedNetwork) => {
      dataOf(await supabase.from("excluded_networks").delete().eq("id", id));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["excluded-networks", accountId] }),
  });
}

/** The network this browser is in, as the deployment sees it. Throws an Error whose message is for the reader. */
export async function getOwnNetwork(): Promise<string> {
  const answer = await fetch("/api/v1/network", { cache: "no-store" });
  const said = (await answer.json().catch(() => ({}))) as { network?: string; message?: string };
  if (!said.network) throw new Error(said.message ?? "Your network could not be told. Try again, or type it.");
  return said.network;
}

export const useExcludedCountries = (accountId: string) =>
  useQuery({
    queryKey: ["excluded-countries", accountId],
    queryFn: async () =>
      dataOf<ExcludedCountry[]>(await supabase.from("excluded_countries").select("country").eq("account_id", accountId)),
  });

export function useChangeCountries(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ add, remove }: { add?: string; remove?: string }) => {
      if (add) dataOf(await supabase.from("excluded_countries").insert({ account_id: accountId, country: add }));
      if (remove) {
        dataOf(await supabase.from("excluded_countries").delete().eq("account_id", accountId).eq("country", remove));
      }
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["excluded-countries", accountId] }),
  });
}
