import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";
import type { Account, Company, CompanyQuery, ListedCompany, Site, SiteDay, SitePause, Visit } from "./types";

const PAGE_SIZE = 50;
const VISITS_SHOWN = 20;
// The most rows that one answer of the API holds.
const ANSWER_ROWS = 1000;

/** The accounts the user belongs to, with the user's own role in each. */
export const useAccounts = () =>
  useQuery({
    queryKey: ["accounts"],
    queryFn: async () =>
      dataOf<Account[]>(await supabase.from("accounts").select("id, name, memberships(role, user_id)").order("created_at")),
  });

export const useSites = () =>
  useQuery({
    queryKey: ["sites"],
    // Hosts in one order, or they would change places on the screen from one answer to the next.
    queryFn: async () =>
      dataOf<Site[]>(
        await supabase
          .from("sites")
          .select("*, site_hosts(host)")
          .order("created_at")
          .order("host", { referencedTable: "site_hosts" }),
      ),
  });

export const useCompanies = (siteId: string, query: CompanyQuery) =>
  useInfiniteQuery({
    queryKey: ["companies", siteId, query],
    initialPageParam: 0,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
    queryFn: async ({ pageParam }) =>
      dataOf<ListedCompany[]>(
        await supabase.rpc("list_companies", {
          site_id: siteId,
          since: query.since,
          search: query.search || null,
          sort: query.sort,
          descending: query.descending,
          page_size: PAGE_SIZE,
          page_offset: pageParam,
        }),
      ),
    getNextPageParam: (last, pages) => {
      const shown = pages.reduce((sum, page) => sum + page.length, 0);
      return last[0] && shown < last[0].total ? shown : undefined;
    },
  });

/** The funnel since a day of the site's own calendar (YYYY-MM-DD) as corrections have it, one row per day and outcome. */
export const useFunnel = (siteId: string, sinceDay: string) =>
  useQuery({
    queryKey: ["funnel", siteId, sinceDay],
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
    queryFn: () => listFunnel(siteId, sinceDay),
  });

async function listFunnel(siteId: string, sinceDay: string): Promise<SiteDay[]> {
  const days: SiteDay[] = [];
  for (;;) {
    const asked = supabase.rpc("list_funnel", { site_id: siteId, since: sinceDay });
    const part = dataOf<SiteDay[]>(await asked.range(days.length, days.length + ANSWER_ROWS - 1));
    days.push(...part);
    if (part.length < ANSWER_ROWS) return days;
  }
}

/** The latest beacon's outcome and time; null while none has come. Asked every two seconds. */
export const useLastBeacon = (siteId: string) =>
  useQuery({
    queryKey: ["last-beacon", siteId],
    refetchInterval: 2_000,
    queryFn: async () =>
      dataOf<SiteDay | null>(
        await supabase
          .from("site_days")
          .select("day, outcome, beacons, last_at")
          .eq("site_id", siteId)
          .order("last_at", { ascending: false })
          .limit(1)
          .maybeSingle(),
      ),
  });

/** Whether the site has used up what it may send today, today being a day of its own calendar (YYYY-MM-DD). */
export const usePause = (siteId: string, today: string) =>
  useQuery({
    queryKey: ["pause", siteId, today],
    refetchInterval: 60_000,
    queryFn: async () =>
      dataOf<SitePause | null>(
        await supabase.from("site_pauses").select("day, began_at").eq("site_id", siteId).eq("day", today).maybeSingle(),
      ),
  });

export const useCompany = (companyId: string) =>
  useQuery({
    queryKey: ["company", companyId],
    queryFn: async () => dataOf<Company | null>(await supabase.from("companies").select("*").eq("id", companyId).maybeSingle()),
  });

/** The visits of one company, or of several that are shown as one. */
export const useVisits = (siteId: string, companyIds: string[]) =>
  useInfiniteQuery({
    queryKey: ["visits", siteId, companyIds],
    initialPageParam: 0,
    queryFn: async ({ pageParam }) =>
      dataOf<Visit[]>(
        await supabase
          .from("visits")
          .select("id, company_id, started_at, last_seen_at, page_view_count, page_views(*)")
          .eq("site_id", siteId)
          .in("company_id", companyIds)
          .order("started_at", { ascending: false })
          .order("viewed_at", { referencedTable: "page_views", ascending: true })
          .range(pageParam, pageParam + VISITS_SHOWN - 1),
      ),
    getNextPageParam: (last, pages) => (last.length === VISITS_SHOWN ? pages.length * VISITS_SHOWN : undefined),
  });

export interface NewSite {
  accountId: string | null;
  accountName: string;
  name: string;
  hosts: string[];
}

/** Create a site, and before it an account where the user has none. */
export function useCreateSite() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (site: NewSite) => {
      const accountId =
        site.accountId ?? dataOf<string>(await supabase.rpc("create_account", { account_name: site.accountName }));
      await queries.invalidateQueries({ queryKey: ["accounts"] });
      return dataOf<Site>(
        await supabase.rpc("create_site", {
          account_id: accountId,
          site_name: site.name,
          hosts: site.hosts,
          site_time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        }),
      );
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sites"] }),
  });
}

export function useUpdateSite(siteId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (changes: Partial<Pick<Site, "name" | "time_zone" | "keeps_referrer_host">>) => {
      const changed = dataOf<unknown[]>(await supabase.from("sites").update(changes).eq("id", siteId).select("id"));
      if (!changed.length) throw new Error("Only owners and admins may change a site. Ask one of them.");
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sites"] }),
  });
}

export function useChangeHosts(site: Site) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ add, remove }: { add?: string; remove?: string }) => {
      if (add) dataOf(await supabase.from("site_hosts").insert({ account_id: site.account_id, site_id: site.id, host: add }));
      if (remove) dataOf(await supabase.from("site_hosts").delete().eq("site_id", site.id).eq("host", remove));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sites"] }),
  });
}
