import { useAccounts } from "../data/queries";
import type { Role } from "../data/types";
import { useSession } from "../session/session";

export interface Rights {
  role: Role | undefined;
  /** Sites, hosts, what is excluded. */
  mayChange: boolean;
  /** Matches. */
  mayCorrect: boolean;
}

/** What the user is in an account, and which buttons to show them. The database holds the rights themselves. */
export function useRights(accountId: string): Rights {
  const { session } = useSession();
  const account = useAccounts().data?.find(({ id }) => id === accountId);
  const role = account?.memberships.find(({ user_id }) => user_id === session?.user.id)?.role;
  const mayChange = role === "owner" || role === "admin";
  return { role, mayChange, mayCorrect: mayChange || role === "member" };
}
