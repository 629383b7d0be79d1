import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

export interface Condition {
  field: string;
  is?: string[];
  is_not?: string[];
  starts_with?: string[];
  at_least?: number;
  within_days?: number;
}

export interface Filter {
  match: "all" | "any";
  conditions: (Condition | Filter)[];
}

export interface Segment {
  id: string;
  name: string;
  filter: Filter;
}

export const useSegments = (accountId: string) =>
  useQuery({
    queryKey: ["segments", accountId],
    queryFn: async () =>
      dataOf<Segment[]>(await supabase.from("segments").select("id, name, filter").eq("account_id", accountId).order("name")),
  });

/** How many companies a filter holds for; nothing is asked of one without conditions. */
export const useFilterCount = (accountId: string, filter: Filter) =>
  useQuery({
    queryKey: ["filter-count", accountId, filter],
    enabled: filter.conditions.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async () =>
      dataOf<number>(await supabase.rpc("count_filter_companies", { account_id: accountId, filter: filter as unknown as object })),
  });

/** Add a segment, or change the one with the id; answers its id. */
export function useSaveSegment(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, ...said }: Omit<Segment, "id"> & { id?: string }) => {
      const written = id
        ? supabase.from("segments").update(said).eq("id", id)
        : supabase.from("segments").insert({ account_id: accountId, ...said });
      return dataOf<{ id: string }>(await written.select("id").single()).id;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["segments", accountId] }),
  });
}

export function useDeleteSegment(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      dataOf(await supabase.from("segments").delete().eq("id", id));
    },
    onSuccess: () =>
      Promise.all(["segments", "alert-rules"].map((name) => queries.invalidateQueries({ queryKey: [name, accountId] }))),
  });
}
