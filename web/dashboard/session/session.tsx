import type { Session } from "@supabase/supabase-js";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { supabase } from "../data/client";

interface SessionState {
  session: Session | null;
  loading: boolean;
}

const SessionContext = createContext<SessionState>({ session: null, loading: true });

/** Who is signed in. When that changes, nothing read as somebody else stays in memory. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<SessionState>({ session: null, loading: true });
  const queries = useQueryClient();

  useEffect(() => {
    let userId: string | undefined;
    const { data } = supabase.auth.onAuthStateChange((_event, session) => {
      if (userId !== session?.user.id) queries.clear();
      userId = session?.user.id;
      setState({ session, loading: false });
    });
    return () => data.subscription.unsubscribe();
  }, [queries]);

  return <SessionContext.Provider value={state}>{children}</SessionContext.Provider>;
}

export const useSession = (): SessionState => useContext(SessionContext);
