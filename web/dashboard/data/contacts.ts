import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

export type Provider = "hunter" | "dropcontact";

export interface Contact {
  id: string;
  role: string | null;
  seniority: "junior" | "senior" | "executive" | null;
  work_email: string | null;
  is_shared_mailbox: boolean;
  linkedin_handle: string | null;
  source: Provider | "import";
  lawful_basis: string;
  found_at: string;
  expires_at: string;
  objection_token: string;
}

/** How it stands with a company's contacts; shows none. */
export interface Enrichment {
  contacts: number;
  state: "waiting" | "working" | "found" | "nothing" | "failed" | "dropped" | null;
  asked_at: string | null;
  ended_at: string | null;
  fault: string | null;
  is_possible: boolean;
  credits_left: number;
}

export interface EnrichmentSettings {
  companies: "none" | "by_hand" | "segment";
  segment_id: string | null;
  roles: string[];
  seniorities: string[];
  provider: Provider | null;
  most_contacts: number;
  credits_left: number;
  credits: number;
}

export interface ImportedLine {
  line: number;
  state: "ready" | "added" | "known" | "refused";
  reasons: string[];
}

export interface ContactAccess {
  actor: string | null;
  action: "viewed" | "exported" | "enriched" | "imported" | "deleted" | "objected";
  company_id: string | null;
  company_name: string | null;
  contacts: number;
  at: string;
}

const isUnderWay = (enrichment?: Enrichment): boolean => enrichment?.state === "waiting" || enrichment?.state === "working";

export const useEnrichment = (companyId: string) =>
  useQuery({
    queryKey: ["enrichment", companyId],
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? 15_000 : false),
    queryFn: async () => dataOf<Enrichment>(await supabase.rpc("get_enrichment", { company_id: companyId })),
  });

/** A company's contacts. Each time they are asked for is recorded as a view, so that they are not asked for on the side. */
export const useContacts = (companyId: string, shown: boolean) =>
  useQuery({
    queryKey: ["contacts", companyId],
    enabled: shown,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    queryFn: async () => dataOf<Contact[]>(await supabase.rpc("list_contacts", { company_id: companyId })),
  });

/** The same, to be taken out of the product: recorded as an export. */
export const exportContacts = async (companyId: string): Promise<Contact[]> =>
  dataOf<Contact[]>(await supabase.rpc("export_contacts", { company_id: companyId }));

/** Who is asked for contacts, as the operator has set it up. */
export const useProviders = () =>
  useQuery({
    queryKey: ["contact-providers"],
    staleTime: Infinity,
    queryFn: async (): Promise<Provider[]> => {
      const answer = await fetch("/api/v1/contact-providers");
      if (!answer.ok) throw new Error("Who is asked for contacts could not be told. Try again.");
      return ((await answer.json()) as { providers: Provider[] }).providers;
    },
  });

/** After something changed, both how it stands and, if they are shown, the contacts are asked for again. */
function useRefresh(companyId: string) {
  const queries = useQueryClient();
  return () =>
    Promise.all(["enrichment", "contacts"].map((kind) => queries.invalidateQueries({ queryKey: [kind, companyId] })));
}

export function useFindContacts(companyId: string) {
  const refresh = useRefresh(companyId);
  return useMutation({
    mutationFn: async () => {
      dataOf(await supabase.rpc("find_contacts", { company_id: companyId }));
    },
    onSettled: refresh,
  });
}

export function useDeleteContact(companyId: string) {
  const refresh = useRefresh(companyId);
  return useMutation({
    mutationFn: async ({ id }: Contact) => {
      dataOf(await supabase.rpc("delete_contact", { contact_id: id }));
    },
    onSettled: refresh,
  });
}

/** Have a file's lines looked at, or imported: what became, or would become, of each. */
export function useImportContacts(companyId: string) {
  const refresh = useRefresh(companyId);
  return useMutation({
    mutationFn: async ({ csv, dryRun }: { csv: string; dryRun: boolean }): Promise<ImportedLine[]> => {
      const { data } = await supabase.auth.getSession();
      const answer = await fetch("/api/v1/contact-imports", {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${data.session?.access_token}` },
        body: JSON.stringify({ company_id: companyId, csv, dry_run: dryRun }),
      });
      const said = (await answer.json().catch(() => ({}))) as { lines?: ImportedLine[]; message?: string };
      if (!said.lines) throw new Error(said.message ?? "The file could not be read. Try again.");
      return said.lines;
    },
    onSuccess: (_, { dryRun }) => (dryRun ? undefined : refresh()),
  });
}

export const useEnrichmentSettings = (accountId: string) =>
  useQuery({
    queryKey: ["enrichment-settings", accountId],
    queryFn: async () =>
      dataOf<EnrichmentSettings>(await supabase.rpc("get_enrichment_settings", { account_id: accountId })),
  });

/** The account's segments by name, for the choice of one. */
export const useSegmentNames = (accountId: string) =>
  useQuery({
    queryKey: ["segment-names", accountId],
    queryFn: async () =>
      dataOf<{ id: string; name: string }[]>(
        await supabase.from("segments").select("id, name").eq("account_id", accountId).order("name"),
      ),
  });

export type EnrichmentChoice = Omit<EnrichmentSettings, "credits" | "credits_left">;

export function useChooseEnrichment(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (choice: EnrichmentChoice) => {
      dataOf(await supabase.rpc("choose_enrichment", { account_id: accountId, ...choice }));
    },
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["enrichment-settings", accountId] }),
        queries.invalidateQueries({ queryKey: ["enrichment"] }),
      ]),
  });
}

/** The latest times contacts were used, for owners and admins. */
export const useContactAccesses = (accountId: string, shown: boolean) =>
  useQuery({
    queryKey: ["contact-accesses", accountId],
    enabled: shown,
    queryFn: async () =>
      dataOf<ContactAccess[]>(await supabase.rpc("list_contact_accesses", { account_id: accountId })),
  });
