import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

export interface DigestChoices {
  site_id: string | null;
  segment_id: string | null;
  rhythm: "daily" | "weekly";
  /** 1 is Monday, 7 is Sunday; null where it is daily. */
  weekday: number | null;
  hour: number;
  time_zone: string;
  tells_when_empty: boolean;
}

export interface Digest extends DigestChoices {
  id: string;
  /** The name of the site or segment. */
  about: string;
  state: "on" | "paused" | "unsubscribed";
  next_at: string;
  last_sent_at: string | null;
}

/** Where the user's mails go, why they do not, and which kinds the user does not want. */
export interface OwnMail {
  address: string;
  suppressed: "bounced" | "complained" | null;
  refused: ("digests" | "alerts" | "all")[];
}

export interface DigestPreview {
  subject: string;
  html: string;
  text: string;
}

/** The user's own digests in an account. */
export const useDigests = (accountId: string) =>
  useQuery({
    queryKey: ["digests", accountId],
    queryFn: async () => dataOf<Digest[]>(await supabase.rpc("list_digest_subscriptions", { account_id: accountId })),
  });

export function useAddDigest(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (choices: DigestChoices) => {
      dataOf(await supabase.from("digest_subscriptions").insert({ account_id: accountId, ...choices }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["digests", accountId] }),
  });
}

export type DigestChange = Partial<Pick<Digest, "rhythm" | "weekday" | "hour" | "time_zone" | "tells_when_empty" | "state">>;

export function useChangeDigest(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, ...change }: DigestChange & { id: string }) => {
      dataOf(await supabase.from("digest_subscriptions").update(change).eq("id", id));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["digests", accountId] }),
  });
}

export function useDeleteDigest(accountId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      dataOf(await supabase.from("digest_subscriptions").delete().eq("id", id));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["digests", accountId] }),
  });
}

/** The next digest as it would be sent now: the letter itself. */
export const useDigestPreview = (id: string) =>
  useQuery({
    queryKey: ["digest-preview", id],
    gcTime: 0,
    queryFn: async (): Promise<DigestPreview> => {
      const { data } = await supabase.auth.getSession();
      const headers = { Authorization: `Bearer ${data.session?.access_token}` };
      const answer = await fetch(`/api/v1/digest-preview?subscription=${id}`, { headers, cache: "no-store" });
      const said = (await answer.json().catch(() => ({}))) as DigestPreview & { message?: string };
      if (!answer.ok) throw new Error(said.message ?? "The preview could not be made. Try again.");
      return said;
    },
  });

export const useOwnMail = () =>
  useQuery({ queryKey: ["own-mail"], queryFn: async () => dataOf<OwnMail>(await supabase.rpc("own_mail")) });

/** Let mails come again: of a mailbox that takes them again, or of a kind that was not wanted. */
export function useMailAgain() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (kinds: OwnMail["refused"]) => {
      dataOf(await supabase.rpc("try_mail_again"));
      for (const kind of kinds) dataOf(await supabase.rpc("want_mail", { kind, wanted: true }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["own-mail"] }),
  });
}
