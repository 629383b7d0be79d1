import {
  type InfiniteData,
  type QueryClient,
  type QueryKey,
  useInfiniteQuery,
  useMutation,
  useMutationState,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";
import type { Company, Correction, ListedCompany, NamedCorrection, Shown, ShownCompany, Verdict } from "./types";

const CORRECTIONS_SHOWN = 30;
const CANDIDATES_SHOWN = 6;
// Of what is found some may be hidden or merged, and drops out.
const CANDIDATES_ASKED = 40;
/** Everything that a correction relabels. */
const RELABELLED = ["companies", "funnel", "shown", "corrections", "candidates"];
const CORRECTING = ["correcting"];

const NAMED =
  "*, company:companies!corrections_account_id_company_id_fkey(id, name), " +
  "same_as:companies!corrections_account_id_same_as_company_id_fkey(id, name)";

/** What a company is shown as, which others are shown as it, and the correction that holds of it. */
export const useShown = (companyId: string) =>
  useQuery({ queryKey: ["shown", companyId], queryFn: () => getShown(companyId) });

async function getShown(companyId: string): Promise<Shown> {
  const [rows, correction] = await Promise.all([
    supabase.from("shown_companies").select("company_id, shown_id, verdict").or(`company_id.eq.${companyId},shown_id.eq.${companyId}`),
    supabase.from("corrections").select("*").eq("company_id", companyId).is("undone_at", null).maybeSingle(),
  ]);
  const shown = dataOf<ShownCompany[]>(rows);
  const own = shown.find((row) => row.company_id === companyId);
  const others = shown.flatMap((row) => [row.company_id, row.shown_id]).filter((id) => id !== companyId);
  const companies = others.length
    ? dataOf<Company[]>(await supabase.from("companies").select("*").in("id", [...new Set(others)]).order("name"))
    : [];
  return {
    as: companies.find(({ id }) => id === own?.shown_id) ?? null,
    verdict: own?.verdict ?? null,
    merged: companies.filter(({ id }) => id !== own?.shown_id),
    correction: dataOf<Correction | null>(correction),
  };
}

/** An account's corrections: those that hold first, then those that were undone, the latest first. */
export const useCorrections = (accountId: string) =>
  useInfiniteQuery({
    queryKey: ["corrections", accountId],
    initialPageParam: 0,
    queryFn: async ({ pageParam }) =>
      dataOf<NamedCorrection[]>(
        await supabase
          .from("corrections")
          .select(NAMED)
          .eq("account_id", accountId)
          .order("undone_at", { ascending: false, nullsFirst: true })
          .order("created_at", { ascending: false })
          .order("id")
          .range(pageParam, pageParam + CORRECTIONS_SHOWN - 1)
          .overrideTypes<NamedCorrection[], { merge: false }>(),
      ),
    getNextPageParam: (last, pages) =>
      last.length === CORRECTIONS_SHOWN ? pages.length * CORRECTIONS_SHOWN : undefined,
  });

/** Companies of the account that another may be the same as: those shown under their own name, the latest first. */
export const useCandidates = (company: Company, search: string) =>
  useQuery({
    queryKey: ["candidates", company.id, search],
    placeholderData: (previous) => previous,
    queryFn: async () => {
      const asked = supabase.from("companies").select("*").eq("account_id", company.account_id).neq("id", company.id);
      const matching = search ? asked.or(`name.imatch.${literally(search)},domain.imatch.${literally(search)}`) : asked;
      const found = dataOf<Company[]>(await matching.order("last_seen_at", { ascending: false }).limit(CANDIDATES_ASKED));
      const rows = dataOf<ShownCompany[]>(
        await supabase
          .from("shown_companies")
          .select("company_id, shown_id, verdict")
          .in("company_id", found.map(({ id }) => id)),
      );
      const roots = new Set(rows.filter((row) => !row.verdict && row.shown_id === row.company_id).map((row) => row.company_id));
      return found.filter(({ id }) => roots.has(id)).slice(0, CANDIDATES_SHOWN);
    },
  });

/**
 * What a person typed as a quoted regular expression in which each of its characters stands for itself. Not as a pattern of
 * ilike: there PostgREST takes an asterisk for a percent sign, escaped or not.
 */
const literally = (typed: string): string => `"${typed.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&").replace(/[\\"]/g, "\\$&")}"`;

export interface Saying {
  company: Company;
  verdict: Verdict;
  sameAs: Company | null;
  note: string | null;
}

/** Say what a company really is. Shows at once; if the database refuses, everything is as before. */
export function useCorrectCompany() {
  const queries = useQueryClient();
  return useMutation({
    mutationKey: CORRECTING,
    mutationFn: async ({ company, verdict, sameAs, note }: Saying) =>
      dataOf<Correction>(
        await supabase.rpc("correct_company", {
          company_id: company.id,
          verdict,
          same_as_company_id: sameAs?.id ?? null,
          note,
        }),
      ),
    onMutate: async (said) => {
      const before = await hold(queries);
      queries.setQueryData<Shown>(["shown", said.company.id], (shown) => shown && shownAfter(shown, said));
      queries.setQueriesData<ListPages>({ queryKey: ["companies"] }, (list) => list && listAfter(list, said));
      return before;
    },
    onError: (_error, _said, before) => putBack(queries, before),
    onSettled: () => refresh(queries, ["funnel", "shown"]),
  });
}

/** End a correction: the company shows as it did without it. */
export function useUndoCorrection() {
  const queries = useQueryClient();
  return useMutation({
    mutationKey: CORRECTING,
    mutationFn: async ({ id }: Correction) => dataOf<Correction>(await supabase.rpc("undo_correction", { correction_id: id })),
    onMutate: async ({ company_id }) => {
      const before = await hold(queries);
      queries.setQueryData<Shown>(
        ["shown", company_id],
        (shown) => shown && { ...shown, as: null, verdict: null, correction: null },
      );
      return before;
    },
    onError: (_error, _correction, before) => putBack(queries, before),
    onSettled: () => refresh(queries, ["funnel", "shown", "companies"]),
  });
}

/** Why the latest correction or undoing failed, whatever page the member is on by now; null if it did not. */
export function useCorrectionFailure(): { error: Error | null; dismiss: () => void } {
  const mutations = useQueryClient().getMutationCache();
  const errors = useMutationState({ filters: { mutationKey: CORRECTING }, select: ({ state }) => state.error });
  const dismiss = () => mutations.findAll({ mutationKey: CORRECTING }).forEach((mutation) => mutations.remove(mutation));
  return { error: errors.at(-1) ?? null, dismiss };
}

type ListPages = InfiniteData<ListedCompany[]>;
type Held = [QueryKey, unknown][];

/** What is shown now, to be put back. Nothing that is being read may overwrite what a mutation shows meanwhile. */
async function hold(queries: QueryClient): Promise<Held> {
  const held = ["companies", "shown"].map((name) => ({ queryKey: [name] }));
  await Promise.all(held.map((filter) => queries.cancelQueries(filter)));
  return held.flatMap((filter) => queries.getQueriesData(filter));
}

const putBack = (queries: QueryClient, before: Held | undefined): void =>
  before?.forEach(([key, data]) => queries.setQueryData(key, data));

/** Read anew what is on the screen, and forget what is not and was not relabelled: no page shows for a moment what was before. */
async function refresh(queries: QueryClient, outdated: string[]): Promise<void> {
  outdated.forEach((name) => queries.removeQueries({ queryKey: [name], type: "inactive" }));
  await Promise.all(RELABELLED.map((name) => queries.invalidateQueries({ queryKey: [name] })));
}

/** The optimistic correction has no id yet: it cannot be undone before it is kept. */
function shownAfter(shown: Shown, { company, verdict, sameAs, note }: Saying): Shown {
  const correction: Correction = {
    id: "",
    company_id: company.id,
    verdict,
    same_as_company_id: sameAs?.id ?? null,
    note,
    created_by: null,
    created_at: new Date().toISOString(),
    undone_by: null,
    undone_at: null,
  };
  return { ...shown, as: sameAs, verdict: verdict === "same_as" ? null : verdict, correction };
}

/** A list without the corrected company; what it is the same as takes its visits over. */
function listAfter(list: ListPages, { company, sameAs }: Saying): ListPages {
  const gone = list.pages.flat().find((row) => row.company_id === company.id);
  if (!gone) return list;
  const joined = (row: ListedCompany): ListedCompany => ({
    ...row,
    visits: row.visits + gone.visits,
    page_views: row.page_views + gone.page_views,
    last_seen_at: row.last_seen_at > gone.last_seen_at ? row.last_seen_at : gone.last_seen_at,
  });
  const pages = list.pages.map((page) =>
    page
      .filter((row) => row.company_id !== company.id)
      .map((row) => ({ ...(row.company_id === sameAs?.id ? joined(row) : row), total: row.total - 1 })),
  );
  return { ...list, pages };
}
