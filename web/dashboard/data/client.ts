import { createClient } from "@supabase/supabase-js";

/**
 * The one connection to Supabase. It signs requests with the user's own token: what a user may see is decided by
 * row-level security in the database, not here.
 */
export const supabase = createClient(__SUPABASE_URL__, __SUPABASE_PUBLISHABLE_KEY__, {
  auth: { detectSessionInUrl: false, persistSession: true, autoRefreshToken: true },
});
