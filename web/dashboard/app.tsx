import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { CompaniesPage } from "./companies/companies-page";
import { CompanyPage } from "./companies/company-page";
import { Nothing } from "./design/nothing";
import { Confirm } from "./session/confirm";
import { ForgotPassword } from "./session/forgot-password";
import { ResetPassword } from "./session/reset-password";
import { useSession } from "./session/session";
import { SignIn } from "./session/sign-in";
import { SignUp } from "./session/sign-up";
import { Home } from "./sites/home";
import { InstallPage } from "./sites/install-page";
import { NewSite } from "./sites/new-site";
import { SettingsPage } from "./sites/settings-page";
import { SiteFrame } from "./sites/site-frame";

// Whoever looks at companies need not load what sets up mails and connections.
const NotificationsPage = lazy(() => import("./notifications/notifications-page"));
const AdminFrame = lazy(() => import("./admin/admin-frame"));
const IntegrationsPage = lazy(() => import("./integrations/integrations-page"));

/** Every view has an address of its own; who is not signed in is asked to, and brought back. */
export function App() {
  return (
    <Switch>
      <Route path="/sign-in" component={SignIn} />
      <Route path="/sign-up" component={SignUp} />
      <Route path="/confirm" component={Confirm} />
      <Route path="/forgot" component={ForgotPassword} />
      <Route path="/reset" component={ResetPassword} />
      <Route>
        <SignedIn />
      </Route>
    </Switch>
  );
}

function SignedIn() {
  const { session, loading } = useSession();
  if (loading) return null;
  if (!session) {
    const wanted = location.pathname.replace(/^\/app/, "") + location.search;
    return <Redirect to={wanted.length > 1 ? `/sign-in?next=${encodeURIComponent(wanted)}` : "/sign-in"} replace />;
  }
  return (
    <Switch>
      <Route path="/" component={Home} />
      <Route path="/new-site" component={NewSite} />
      <Route path="/sites/:siteId/companies">
        {({ siteId }) => <SiteFrame siteId={siteId}>{(site) => <CompaniesPage site={site} />}</SiteFrame>}
      </Route>
      <Route path="/sites/:siteId/companies/:companyId">
        {({ siteId, companyId }) => (
          <SiteFrame siteId={siteId}>{(site) => <CompanyPage site={site} companyId={companyId} />}</SiteFrame>
        )}
      </Route>
      <Route path="/sites/:siteId/install">
        {({ siteId }) => <SiteFrame siteId={siteId}>{(site) => <InstallPage site={site} />}</SiteFrame>}
      </Route>
      <Route path="/sites/:siteId/notifications">
        {({ siteId }) => <SiteFrame siteId={siteId}>{(site) => <NotificationsPage site={site} />}</SiteFrame>}
      </Route>
      <Route path="/sites/:siteId/integrations">
        {({ siteId }) => <SiteFrame siteId={siteId}>{(site) => <IntegrationsPage site={site} />}</SiteFrame>}
      </Route>
      <Route path="/sites/:siteId/settings">
        {({ siteId }) => <SiteFrame siteId={siteId}>{(site) => <SettingsPage site={site} />}</SiteFrame>}
      </Route>
      <Route path="/admin/:subject?/*?">
        {({ subject }) => (
          <Suspense fallback={null}>
            <AdminFrame subject={subject ?? ""} />
          </Suspense>
        )}
      </Route>
      <Route>
        <Nothing />
      </Route>
    </Switch>
  );
}
