import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { type AccountDetail, type AdminAccount, useAdminAccounts, useEnterAccount, useLookAtAccount } from "../data/admin";
import { Failure } from "../design/failure";
import { rememberSite } from "../sites/home";
import { counted, formatExact, formatRelative } from "../format";

/** Accounts by name; a look at one is written into the account's own audit log. */
export default function AccountsPage() {
  const [search, setSearch] = useState("");
  const accounts = useAdminAccounts(search);
  const find = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setSearch((new FormData(event.currentTarget).get("search") as string).trim());
  };
  return (
    <>
      <h1>Accounts</h1>
      <form className="row" role="search" onSubmit={find}>
        <input className="input grow" name="search" type="search" aria-label="Name or id of an account" placeholder="Name or id" />
        <button className="button">Search</button>
      </form>
      {accounts.error && <Failure error={accounts.error} retry={() => void accounts.refetch()} />}
      {accounts.data?.length === 0 && <p className="soft">No account is called this.</p>}
      <ul className="stack plain-list" aria-label="Accounts">
        {accounts.data?.map((account) => <AccountEntry key={account.id} account={account} />)}
      </ul>
      {accounts.data?.length === 100 && <p className="small soft">These are the newest 100. Search for others.</p>}
    </>
  );
}

function AccountEntry({ account }: { account: AdminAccount }) {
  const look = useLookAtAccount();
  return (
    <li className="card card-body stack">
      <div className="row spread">
        <div>
          <h2>{account.name}</h2>
          <p className="small soft">
            {counted(account.members, "member", "members")}, {counted(account.sites, "site", "sites")},{" "}
            {account.last_visit_at ? `last visit ${formatRelative(account.last_visit_at)}` : "no visits"}
          </p>
        </div>
        <button type="button" className="button" disabled={look.isPending} onClick={() => look.mutate(account.id)}>
          Look at {account.name}
        </button>
      </div>
      {look.error && <Failure error={look.error} />}
      {look.data && <Detail account={look.data} />}
    </li>
  );
}

function Detail({ account }: { account: AccountDetail }) {
  const [, go] = useLocation();
  const enter = useEnterAccount();
  const seeAsViewer = async () => {
    await enter.mutateAsync(account.id);
    const site = account.sites[0];
    if (site) rememberSite(site.id);
    go(site ? `/sites/${site.id}/companies` : "/");
  };
  return (
    <div className="stack small">
      <p className="soft">
        Created {formatExact(account.created_at)}. Id <code>{account.id}</code>
      </p>
      <ul aria-label={`Members of ${account.name}`}>
        {account.members.map(({ email, role }) => (
          <li key={email}>
            {email}, {role}
          </li>
        ))}
      </ul>
      <ul aria-label={`Sites of ${account.name}`}>
        {account.sites.map(({ id, name, hosts, last_visit_at }) => (
          <li key={id}>
            {name}: {hosts?.join(", ") ?? "no hosts"}, {last_visit_at ? `last visit ${formatRelative(last_visit_at)}` : "no visits"}
          </li>
        ))}
      </ul>
      {enter.error && <Failure error={enter.error} />}
      {account.support_until ? (
        <div className="row">
          <button type="button" className="button" disabled={enter.isPending} onClick={() => void seeAsViewer().catch(() => undefined)}>
            See as a viewer
          </button>
          <span className="soft">Its owner allows it until {formatExact(account.support_until)}.</span>
        </div>
      ) : (
        <p className="soft">Its owner does not let staff see its companies. They can, under Settings, Audit log.</p>
      )}
    </div>
  );
}
