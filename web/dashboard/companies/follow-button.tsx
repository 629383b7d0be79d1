import { Star } from "lucide-react";
import { useChangeFollow, useFollowed } from "../data/follows";
import type { Company, Shown } from "../data/types";
import { Failure } from "../design/failure";

/** Follow a company, or stop: it is in the digest then, and a rule may tell of its visits at once. */
export function FollowButton({ company, shown }: { company: Company; shown: Shown }) {
  const followed = useFollowed(company.account_id);
  const change = useChangeFollow(company.account_id);
  const companyIds = [company, ...shown.merged].map(({ id }) => id);
  // What was clicked shows at once; if the database refuses, what is true shows again, with the reason.
  const isFollowed = change.isPending ? change.variables.follow : companyIds.some((id) => followed.data?.has(id));
  if (!followed.data) return null;
  return (
    <div className="follow">
      <button
        type="button"
        className="button"
        aria-pressed={isFollowed}
        onClick={() => change.mutate({ companyIds, follow: !isFollowed })}
      >
        <Star size={16} aria-hidden="true" fill={isFollowed ? "currentColor" : "none"} /> {isFollowed ? "Following" : "Follow"}
      </button>
      {change.error && <Failure error={change.error} />}
    </div>
  );
}
