import { useQuery } from "@tanstack/react-query";
import { dataOf } from "./answer";
import { supabase } from "./client";

export interface ScoredVisit {
  visit_id: string;
  site_id: string;
  last_seen_at: string;
  page_views: number;
  /** Whole days since its last page. */
  days: number;
  points: number;
}

export interface Score {
  score: number;
  points: number;
  visits: ScoredVisit[];
  /** How many further visits there are, and their points together. */
  others: number;
  others_points: number;
}

/** A company's score with what it is made of; null where it is not shown. */
export const useScore = (companyId: string) =>
  useQuery({
    queryKey: ["score", companyId],
    queryFn: async () => dataOf<Score | null>(await supabase.rpc("explain_score", { company_id: companyId })),
  });
