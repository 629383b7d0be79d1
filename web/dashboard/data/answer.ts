import { inWords } from "./messages";

interface Answer<T> {
  data: T | null;
  error: { message: string; hint?: string | null } | null;
}

/** The data of an answer; throws an Error whose message is for the reader. */
export function dataOf<T>({ data, error }: Answer<T>): T {
  if (error) throw new Error(inWords(error));
  return data as T;
}
