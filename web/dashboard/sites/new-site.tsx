import { Link, useLocation } from "wouter";
import { useAccounts, useCreateSite, useSites } from "../data/queries";
import type { Membership } from "../data/types";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSession } from "../session/session";
import { Gate } from "../session/gate";
import { useSubmit } from "../session/use-submit";
import { hostOf } from "./hosts";

const mayAddSites = (memberships: Membership[], userId: string | undefined): boolean =>
  memberships.some(({ role, user_id }) => user_id === userId && (role === "owner" || role === "admin"));

/** The first run, and every further site: a name for the company where there is none yet, and a website. */
export function NewSite() {
  const [, go] = useLocation();
  const accounts = useAccounts();
  const sites = useSites();
  const create = useCreateSite();
  const { session } = useSession();
  const account = accounts.data?.find(({ memberships }) => mayAddSites(memberships, session?.user.id));
  const { busy, error, submit } = useSubmit(async ({ accountName = "", website = "" }) => {
    const host = hostOf(website);
    if (!host) throw new Error("This does not look like a website. Enter it as in the address bar, such as example.com.");
    const site = await create.mutateAsync({ accountId: account?.id ?? null, accountName, name: host, hosts: [host] });
    go(`/sites/${site.id}/install`);
  });
  if (!accounts.data || !sites.data) return null;
  return (
    <Gate
      title={account ? "Add a website" : "Welcome to Leadsment"}
      lead={account ? undefined : "Two answers and you have the line to paste into your website."}
    >
      <form onSubmit={submit}>
        {!account && (
          <Field label="Your company" name="accountName" placeholder="Northwind GmbH" maxLength={120} required autoFocus />
        )}
        <Field
          label="Your website"
          name="website"
          placeholder="example.com"
          hint="Where the snippet will be. Further hosts can be added later."
          required
        />
        {error && <Failure error={error} />}
        <button className="button primary wide" disabled={busy}>
          {busy ? "Creating …" : "Continue"}
        </button>
      </form>
      {sites.data.length > 0 && (
        <p className="small soft">
          <Link to="/">Back to your companies</Link>
        </p>
      )}
    </Gate>
  );
}
