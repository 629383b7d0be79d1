import { Bell, Building2, Code2, LogOut, Plug, Settings } from "lucide-react";
import { type ReactNode, Suspense, useEffect } from "react";
import { Link, useLocation } from "wouter";
import { CorrectionFailure } from "../corrections/correction-failure";
import { supabase } from "../data/client";
import { useSites } from "../data/queries";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { Notice } from "../design/notice";
import { ThemeSwitch } from "../design/theme-switch";
import { useSession } from "../session/session";
import { rememberSite } from "./home";
import { PauseBanner } from "./pause-banner";

interface SiteFrameProps {
  siteId: string;
  children: (site: Site) => ReactNode;
}

/** Navigation around a site's pages. */
export function SiteFrame({ siteId, children }: SiteFrameProps) {
  const sites = useSites();
  const site = sites.data?.find(({ id }) => id === siteId);
  useEffect(() => {
    if (site) rememberSite(site.id);
  }, [site]);
  return (
    <div className="frame">
      <Side siteId={siteId} sites={sites.data ?? []} />
      <div className="main">
        <main id="content">
          <CorrectionFailure />
          {sites.error && <Failure error={sites.error} retry={() => void sites.refetch()} />}
          {site && <PauseBanner site={site} />}
          <Suspense fallback={null}>{site && children(site)}</Suspense>
          {sites.data && !site && (
            <Notice title="This site is not yours to see" action={{ to: "/", label: "Go to your companies" }}>
              It was deleted, or it belongs to an account you are not a member of.
            </Notice>
          )}
        </main>
        <footer className="foot">
          IP data: <a href="https://db-ip.com">IP Geolocation by DB-IP</a>, RouteViews and the NRO (CC BY 4.0). Visitors&rsquo;
          addresses are processed in memory and never stored.
        </footer>
      </div>
    </div>
  );
}

function Side({ siteId, sites }: { siteId: string; sites: Site[] }) {
  const [path, go] = useLocation();
  const { session } = useSession();
  const sections = [
    { to: "companies", label: "Companies", Icon: Building2 },
    { to: "notifications", label: "Notifications", Icon: Bell },
    { to: "integrations", label: "Integrations", Icon: Plug },
    { to: "install", label: "Install", Icon: Code2 },
    { to: "settings", label: "Settings", Icon: Settings },
  ];
  return (
    <div className="side">
      <Link className="brand" to="/">
        <img src="/favicon.svg" alt="" /> Leadsment
      </Link>
      <select
        className="input switcher"
        aria-label="Site"
        value={siteId}
        onChange={({ target }) => go(target.value ? `/sites/${target.value}/companies` : "/new-site")}
      >
        {sites.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
        <option value="">Add a website …</option>
      </select>
      <nav aria-label="Site">
        {sections.map(({ to, label, Icon }) => (
          <Link
            key={to}
            to={`/sites/${siteId}/${to}`}
            aria-current={path.startsWith(`/sites/${siteId}/${to}`) ? "page" : undefined}
          >
            <Icon size={18} aria-hidden="true" /> {label}
          </Link>
        ))}
      </nav>
      <div className="side-foot">
        <ThemeSwitch />
        <span className="who" title={session?.user.email}>
          {session?.user.email}
        </span>
        <button type="button" className="button plain" onClick={() => void supabase.auth.signOut()}>
          <LogOut size={16} aria-hidden="true" /> Sign out
        </button>
      </div>
    </div>
  );
}
