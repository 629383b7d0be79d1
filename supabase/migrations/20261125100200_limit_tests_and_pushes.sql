-- Tests of alerts are counted by person and channel, and pushes by hand by account.

create table private.alert_tests (
  user_id uuid not null references auth.users (id) on delete cascade,
  target uuid not null,
  tested_at timestamptz not null default now(),
  primary key (user_id, target)
);
comment on table private.alert_tests is
  'When a member last sent a test to a channel: a rule that is deleted and made again is not another one. With the user.';
comment on column private.alert_tests.target is 'The chat channel; of mails, the account.';
revoke all on private.alert_tests from public, anon, authenticated, service_role;

create or replace function public.send_alert_test(rule_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  rule public.alert_rules;
begin
  select known.* into rule from public.alert_rules as known
  where known.id = send_alert_test.rule_id and known.user_id = (select auth.uid());
  if rule.id is null then
    raise sqlstate 'PT404' using message = 'There is no such rule of yours.', hint = 'Reload the page: it may show something older.';
  end if;
  if rule.channel = 'webhook' then
    raise sqlstate 'PT422' using message = 'Webhooks are tested where they are set up.', hint = 'Open Integrations, and send a test from there.';
  end if;
  if rule.channel <> 'mail' and rule.account_id not in (select private.account_ids('{owner,admin,member}')) then
    raise sqlstate 'PT403' using message = 'Your role reads visits, and posts nothing to your team''s channels.', hint = 'Ask an owner or admin.';
  end if;
  insert into private.alert_tests as tested (user_id, target) values (rule.user_id, coalesce(rule.chat_destination_id, rule.account_id))
  on conflict on constraint alert_tests_pkey do update set tested_at = now() where tested.tested_at <= now() - interval '1 minute';
  if not found then
    raise sqlstate 'PT429' using message = 'A test was sent a moment ago.', hint = 'Wait a minute before you send another.';
  end if;
  perform private.post(
    format('alert.test:%s:%s', rule.id, now()), rule.channel, 'alert.test:' || rule.id, 'alert',
    jsonb_build_object(
      'is_test', true, 'rule_id', rule.id, 'rule', rule.name, 'about', rule.about, 'only_on_change', rule.only_on_change,
      'segment', (select segment.name from public.segments as segment where segment.id = rule.segment_id), 'why', '[]'::jsonb,
      'kind', 'identified', 'site_id', (select min(site.id::text) from public.sites as site where site.account_id = rule.account_id),
      'site', 'your site', 'company_id', null, 'name', 'Example Company', 'domain', 'example.com', 'industry', 'Manufacturing', 'country', 'DE',
      'employee_range', '50-249', 'score', 38, 'page_views', 3, 'pages', jsonb_build_array('/', '/products', '/pricing')
    ),
    account_id => rule.account_id, recipient_id => rule.user_id, destination_id => rule.chat_destination_id,
    expires_at => now() + interval '10 minutes'
  );
end
$$;

create or replace function public.push_to_crm(company_id uuid, connection_id uuid) returns public.crm_links
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  most_by_hand constant int := 500;
  connection public.crm_connections;
  company public.companies;
  link public.crm_links;
begin
  select known.* into connection from public.crm_connections as known where known.id = push_to_crm.connection_id;
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'Sign in before you push a company to your CRM.';
  end if;
  if connection.id is null or connection.account_id not in (select private.account_ids())
    or not exists (
      select from public.companies as known where known.id = push_to_crm.company_id and known.account_id = connection.account_id
    ) then
    raise sqlstate 'PT404' using
      message = 'There is no such company or CRM connection in your account.', hint = 'Reload the page: it may show something older.';
  end if;
  if connection.account_id not in (select private.account_ids('{owner,admin,member}')) then
    raise sqlstate 'PT403' using
      message = 'Your role reads companies and does not push them.', hint = 'Ask an owner or admin to make you a member.';
  end if;
  if connection.state = 'broken' or connection.is_paused then
    raise sqlstate 'PT409' using
      message = case when connection.is_paused then 'The connection to this CRM is paused.' else 'The CRM no longer takes the token.' end,
      hint = 'An owner or admin mends it under Integrations.';
  end if;
  company := private.crm_company(connection.account_id, push_to_crm.company_id);
  if company.id is null then
    raise sqlstate 'PT422' using
      message = 'This company cannot be pushed: its domain is not known, or your account does not show it.',
      hint = 'A CRM finds a company again by its domain.';
  end if;
  -- Counted one after another: clicks at once would all see the same number.
  perform pg_advisory_xact_lock(hashtextextended('push_to_crm ' || connection.account_id::text, 0));
  -- Nobody's script uses up what the CRM lets the whole account do in an hour.
  if (
    select count(*) from private.outbox as pushed
    where pushed.account_id = connection.account_id and pushed.channel = 'crm' and pushed.key like '% by hand %'
      and pushed.created_at > now() - interval '1 hour'
  ) >= most_by_hand then
    raise sqlstate 'PT429' using
      message = format('Your team has pushed %s companies by hand within an hour, which is the most.', most_by_hand),
      hint = 'Let a segment push by itself, under Integrations, or wait a while.';
  end if;
  perform private.post_crm_push(connection, company.id, 'by hand ' || gen_random_uuid());
  select known.* into link from public.crm_links as known where known.connection_id = connection.id and known.company_id = company.id;
  return link;
end
$$;

comment on function public.send_alert_test(uuid) is
  'Sends an example of what a rule of the caller''s sends, marked as a test, at most once a minute to each channel.';
comment on function public.push_to_crm(uuid, uuid) is
  'Puts a company on its way to a CRM, for the first time or once more, and answers what its log says. A team does so 500 times an hour at the most.';
