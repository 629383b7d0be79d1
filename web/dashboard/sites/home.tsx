import { Redirect } from "wouter";
import { useSites } from "../data/queries";
import { Failure } from "../design/failure";

/** Where signing in leads: to the site looked at last, or to creating the first one. */
export function Home() {
  const sites = useSites();
  if (sites.error) return <Failure error={sites.error} retry={() => void sites.refetch()} />;
  if (!sites.data) return null;
  const last = sites.data.find((site) => site.id === lastSite());
  const site = last ?? sites.data[0];
  return <Redirect to={site ? `/sites/${site.id}/companies` : "/new-site"} replace />;
}

const KEY = "leadsment-last-site";

const lastSite = (): string | null => localStorage.getItem(KEY);

export const rememberSite = (siteId: string): void => localStorage.setItem(KEY, siteId);
