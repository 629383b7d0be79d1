import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSession } from "../session/session";
import { dataOf } from "./answer";
import { supabase } from "./client";

interface Follow {
  company_id: string;
}

/** The companies of an account that the user follows, by their ids. */
export function useFollowed(accountId: string) {
  const userId = useSession().session?.user.id ?? "";
  return useQuery({
    queryKey: ["follows", accountId, userId],
    queryFn: async () => {
      const rows = await supabase.from("follows").select("company_id").eq("account_id", accountId).eq("user_id", userId);
      return new Set(dataOf<Follow[]>(rows).map(({ company_id }) => company_id));
    },
  });
}

/** Follow a company, or stop. Stopping ends it for all the companies that are shown as one. */
export function useChangeFollow(accountId: string) {
  const queries = useQueryClient();
  const userId = useSession().session?.user.id ?? "";
  return useMutation({
    mutationFn: async ({ companyIds, follow }: { companyIds: string[]; follow: boolean }) => {
      if (follow) dataOf(await supabase.from("follows").insert({ account_id: accountId, company_id: companyIds[0] }));
      else dataOf(await supabase.from("follows").delete().eq("user_id", userId).in("company_id", companyIds));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["follows", accountId] }),
  });
}
