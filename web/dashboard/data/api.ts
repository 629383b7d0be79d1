import { supabase } from "./client";

/**
 * Ask /api/v1 as the user who is signed in. Throws an Error whose message is for the reader: the door's own words, or `otherwise`
 * where there are none.
 */
export async function askApi<T>(method: "POST" | "PUT", path: string, body: object, otherwise: string): Promise<T> {
  const { data } = await supabase.auth.getSession();
  const answer = await fetch(`/api/v1/${path}`, {
    method,
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${data.session?.access_token}` },
    body: JSON.stringify(body),
  });
  const said = (await answer.json().catch(() => ({}))) as T & { message?: string };
  if (!answer.ok) throw new Error(said.message ?? otherwise);
  return said;
}
