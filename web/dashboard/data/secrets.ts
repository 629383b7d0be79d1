import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";
import type { SiteSecret } from "./types";

/** A site's latest secrets, by their last four characters. */
export const useSecrets = (siteId: string) =>
  useQuery({
    queryKey: ["secrets", siteId],
    queryFn: async () => dataOf<SiteSecret[]>(await supabase.rpc("list_site_secrets", { site_id: siteId })),
  });

/** Create a secret. Its text is the mutation's data and nowhere else: not even the database shows it again. */
export function useCreateSecret(siteId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => dataOf<string>(await supabase.rpc("create_site_secret", { site_id: siteId })),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["secrets", siteId] }),
  });
}

export function useRevokeSecret(siteId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id }: SiteSecret) => {
      dataOf(await supabase.rpc("revoke_site_secret", { id }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["secrets", siteId] }),
  });
}
