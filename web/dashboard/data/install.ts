import { useMutation, useQuery } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { askApi } from "./api";
import { supabase } from "./client";
import type { CheckedPage, RefusedHost, Release } from "./types";

const DAYS_SHOWN = 7;

/** Hosts that sent beacons within a week without being on the site's list, the latest first. */
export const useRefusedHosts = (siteId: string) =>
  useQuery({
    queryKey: ["refused-hosts", siteId],
    refetchInterval: 5_000,
    queryFn: async () =>
      dataOf<RefusedHost[]>(
        await supabase
          .from("refused_hosts")
          .select("host, beacons, last_at")
          .eq("site_id", siteId)
          .gte("last_at", new Date(Date.now() - DAYS_SHOWN * 86_400_000).toISOString())
          .order("last_at", { ascending: false })
          .limit(5),
      ),
  });

/** The frozen releases of the snippet, the newest first. */
export const useReleases = () =>
  useQuery({
    queryKey: ["releases"],
    staleTime: Infinity,
    queryFn: async (): Promise<Release[]> => {
      const answer = await fetch("/snippet-releases.json");
      if (!answer.ok) throw new Error("The versions could not be read. Try again.");
      return (await answer.json()) as Release[];
    },
  });

/** Have a page of the site read, and learn what is wrong with its snippet. */
export const useCheckPage = (siteId: string) =>
  useMutation({
    mutationFn: (url: string) =>
      askApi<CheckedPage>("POST", "install-checks", { site_id: siteId, url }, "The page could not be checked. Try again."),
  });
