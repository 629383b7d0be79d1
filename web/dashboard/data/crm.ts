import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { askApi } from "./api";
import { supabase } from "./client";

const SOON_MILLISECONDS = 3_000;
const LATER_MILLISECONDS = 30_000;
const LOG_ENTRIES = 50;

export type CrmVendor = "hubspot" | "pipedrive" | "salesforce";
export type CrmFact =
  | "name"
  | "domain"
  | "industry"
  | "country"
  | "employee_range"
  | "kind"
  | "first_seen_on"
  | "last_seen_on"
  | "page";

export interface MappedField {
  fact: CrmFact;
  /** The CRM's internal name of the field. */
  field: string;
  when: "empty" | "always";
}

export interface CrmConnection {
  id: string;
  account_id: string;
  vendor: CrmVendor;
  place: string;
  key_field: string;
  mapping: MappedField[];
  pushes: "all" | "segment" | "by_hand";
  segment_id: string | null;
  /** Whether a company's contacts go with it. */
  pushes_contacts: boolean;
  is_paused: boolean;
  state: "connected" | "broken";
  reason: string | null;
}

export interface CrmLink {
  connection_id: string;
  company_id: string;
  remote_url: string | null;
  outcome: "waiting" | "created" | "updated" | "unchanged" | "failed";
  reason: string | null;
  asked_at: string;
  pushed_at: string | null;
}

export interface LoggedPush extends CrmLink {
  company: { id: string; name: string };
}

export const useCrmConnections = (accountId: string) =>
  useQuery({
    queryKey: ["crm", accountId],
    queryFn: async () =>
      dataOf<CrmConnection[]>(await supabase.from("crm_connections").select("*").eq("account_id", accountId).order("created_at")),
  });

/** What became of a company in each CRM. Asked again soon while it is on its way. */
export const useCrmLinks = (companyId: string) =>
  useQuery({
    queryKey: ["crm-links", companyId],
    refetchInterval: ({ state }) => soonIfWaiting(state.data),
    queryFn: async () => dataOf<CrmLink[]>(await supabase.from("crm_links").select("*").eq("company_id", companyId)),
  });

/** The latest pushes to a CRM. */
export const useCrmLog = (connectionId: string) =>
  useQuery({
    queryKey: ["crm-log", connectionId],
    refetchInterval: ({ state }) => soonIfWaiting(state.data),
    queryFn: async () =>
      dataOf<LoggedPush[]>(
        await supabase
          .from("crm_links")
          .select("*, company:companies(id, name)")
          .eq("connection_id", connectionId)
          .order("asked_at", { ascending: false })
          .order("company_id")
          .limit(LOG_ENTRIES)
          .overrideTypes<LoggedPush[], { merge: false }>(),
      ),
  });

const soonIfWaiting = (links: CrmLink[] | undefined) =>
  links?.some(({ outcome }) => outcome === "waiting") ? SOON_MILLISECONDS : LATER_MILLISECONDS;

export interface NewCrm {
  vendor: CrmVendor;
  /** Of the connection that gets another token. */
  connection_id?: string;
  /** The parts of the vendor's token, by their names. */
  [part: string]: string | undefined;
}

/** Have a token shown to the CRM and kept. */
export function useConnectCrm(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: NewCrm) =>
      askApi<CrmConnection>("POST", "crm-connections", { account_id: accountId, ...wanted }, "The CRM could not be connected. Try again."),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["crm", accountId] }),
  });
}

export type CrmChange = Partial<Pick<CrmConnection, "mapping" | "pushes" | "segment_id" | "pushes_contacts" | "is_paused">>;

export function useChangeCrm({ id, account_id }: CrmConnection) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (change: CrmChange) =>
      dataOf<CrmConnection>(await supabase.rpc("change_crm_connection", { id, ...change })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["crm", account_id] }),
  });
}

export function useDisconnectCrm({ id, account_id }: CrmConnection) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      dataOf(await supabase.rpc("disconnect_crm", { id }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["crm", account_id] }),
  });
}

/** Put a company on its way to a CRM, for the first time or again. */
export function usePushToCrm() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: { company_id: string; connection_id: string }) =>
      dataOf<CrmLink>(await supabase.rpc("push_to_crm", wanted)),
    onSuccess: (link, wanted) => {
      queries.setQueryData<CrmLink[]>(["crm-links", wanted.company_id], (links) =>
        links && [...links.filter(({ connection_id }) => connection_id !== link.connection_id), link],
      );
      return queries.invalidateQueries({ queryKey: ["crm-log", wanted.connection_id] });
    },
  });
}
