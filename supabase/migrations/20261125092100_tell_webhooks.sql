-- Three days, twenty attempts. A receiver knows a message it has taken by its id; what was sent is kept to be sent again by hand.
insert into private.channels values ('webhook', true, 20, '3 days', true);

create function private.webhook_destination(message private.outbox) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'url', endpoint.url,
    'secrets', (
      select jsonb_agg(known.secret order by known.created_at desc)
      from private.webhook_secrets as known
      where known.endpoint_id = endpoint.id and coalesce(known.expires_at > now(), true)
    )
  )
  from public.webhook_endpoints as endpoint
  -- A test is asked for by hand, perhaps to see whether it may be switched on again.
  where endpoint.id = message.destination_id and (endpoint.is_enabled or message.template = 'test')
$$;
comment on function private.webhook_destination(private.outbox) is
  'The URL, and the secrets that hold, the newest first. Null for a webhook that is deleted or switched off.';

create function private.webhook_company(account_id uuid, company_id uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'id', company.id, 'name', company.name, 'domain', company.domain, 'kind', company.kind, 'industry', company.industry,
    'country', company.country, 'employee_range', company.employee_range, 'last_seen_at', company.last_seen_at,
    'first_seen_at', (
      select min(counted.first_seen_at)
      from public.shown_companies as label
      join public.companies as counted on counted.id = label.company_id
      where label.account_id = shown.account_id and label.shown_id = shown.shown_id
    )
  )
  from public.shown_companies as shown
  join public.companies as company on company.id = shown.shown_id
  where shown.account_id = webhook_company.account_id and shown.company_id = webhook_company.company_id and shown.verdict is null
$$;
comment on function private.webhook_company(uuid, uuid) is
  'A company''s facts as the account''s corrections have them, to be told to a webhook; null for one that is not shown.';

create function private.webhook_visit(account_id uuid, visit_id uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'id', visit.id, 'started_at', visit.started_at, 'page_view_count', visit.page_view_count,
    'pages', (
      select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'host', page.host, 'path', page.path, 'viewed_at', page.viewed_at, 'referrer_host', page.referrer_host,
        'utm_source', page.utm_source, 'utm_medium', page.utm_medium, 'utm_campaign', page.utm_campaign,
        'utm_term', page.utm_term, 'utm_content', page.utm_content
      )) order by page.viewed_at), '[]')
      from (
        select * from public.page_views as viewed where viewed.visit_id = visit.id order by viewed.viewed_at limit 50
      ) as page
    )
  )
  from public.visits as visit
  where visit.account_id = webhook_visit.account_id and visit.id = webhook_visit.visit_id
$$;
comment on function private.webhook_visit(uuid, uuid) is 'A visit and its first fifty pages so far, to be told to a webhook.';

create function private.webhooks_hear(event private.events) returns void
language plpgsql set search_path = ''
as $$
declare
  company constant jsonb := private.webhook_company(event.account_id, event.company_id);
  kind text := event.kind;
  data jsonb := event.content;
  endpoint_id uuid;
begin
  if event.company_id is not null and company is null then
    return;
  end if;
  -- Known under another name already, which a correction has put it under.
  if kind = 'company.identified' and (company ->> 'first_seen_at')::timestamptz < event.happened_at then
    kind := 'company.returned';
  end if;
  select data || coalesce(jsonb_object_agg(part.name, part.value), '{}') into data
  from (
    values
      ('company', company),
      ('site', (
        select jsonb_build_object('id', site.id, 'name', site.name)
        from public.sites as site where site.account_id = event.account_id and site.id = event.site_id
      )),
      ('visit', private.webhook_visit(event.account_id, event.visit_id))
  ) as part (name, value)
  where part.value is not null;
  for endpoint_id in
    select endpoint.id from public.webhook_endpoints as endpoint
    where endpoint.account_id = event.account_id and endpoint.is_enabled and kind = any (endpoint.events)
    order by endpoint.created_at, endpoint.id
  loop
    perform private.post(
      key => format('webhook %s %s', endpoint_id, event.id), channel => 'webhook', lane => format('webhook %s', endpoint_id),
      template => kind, content => jsonb_build_object('timestamp', event.happened_at, 'data', data),
      account_id => event.account_id, destination_id => endpoint_id
    );
  end loop;
end
$$;
comment on function private.webhooks_hear(private.events) is
  'Posts an event to each webhook that is to be told of it. Companies that corrections hide are not told of.';

create function private.disable_webhook(endpoint public.webhook_endpoints, reason text) returns void
language plpgsql set search_path = ''
as $$
declare
  member record;
begin
  update public.webhook_endpoints as known set is_enabled = false, ended_for = disable_webhook.reason where known.id = endpoint.id;
  for member in
    select membership.user_id from public.memberships as membership
    where membership.account_id = endpoint.account_id and membership.role in ('owner', 'admin')
  loop
    perform private.post(
      key => format('webhook_disabled %s %s %s', endpoint.id, extract(epoch from now()), member.user_id),
      channel => 'mail', lane => format('mail %s', member.user_id), template => 'webhook_disabled',
      content => jsonb_build_object(
        -- The host alone: the rest of a webhook's URL is often a secret.
        'host', split_part(split_part(split_part(endpoint.url, '//', 2), '/', 1), '?', 1), 'reason', disable_webhook.reason,
        'description', endpoint.description,
        'account', (select account.name from public.accounts as account where account.id = endpoint.account_id),
        'site_id', (select site.id from public.sites as site where site.account_id = endpoint.account_id order by site.created_at limit 1)
      ),
      account_id => endpoint.account_id, recipient_id => member.user_id
    );
  end loop;
end
$$;
comment on function private.disable_webhook(public.webhook_endpoints, text) is
  'Switches a webhook off that takes nothing any more, and writes to the account''s owners and admins.';

create function private.note_webhook_attempt() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  patience constant interval := interval '5 days';
  endpoint public.webhook_endpoints;
  is_test boolean;
begin
  select known.* into endpoint
  from private.outbox as message
  join public.webhook_endpoints as known on known.id = message.destination_id
  where message.id = new.message_id and message.channel = 'webhook'
  for update of known;
  if not found then
    return null;
  end if;
  if new.outcome = 'delivered' then
    update public.webhook_endpoints as known set failing_since = null, last_delivered_at = new.ended_at where known.id = endpoint.id;
    return null;
  end if;
  select message.template = 'test' into is_test from private.outbox as message where message.id = new.message_id;
  -- Neither a test nor an attempt that was lost on our side says anything about the receiver.
  if is_test or new.outcome = 'lost' or not endpoint.is_enabled then
    return null;
  end if;
  update public.webhook_endpoints as known set failing_since = coalesce(known.failing_since, new.started_at) where known.id = endpoint.id;
  if new.status = 410 then
    perform private.disable_webhook(endpoint, 'gone');
  elsif endpoint.failing_since < now() - patience then
    perform private.disable_webhook(endpoint, 'failing');
  end if;
  return null;
end
$$;
comment on function private.note_webhook_attempt() is
  'Keeps since when nothing is taken by a webhook, and switches it off when it answers 410 Gone or has taken nothing for five days.';
create trigger note_webhook_attempt after update of outcome on private.outbox_attempts
  for each row when (new.outcome is not null) execute function private.note_webhook_attempt();

create function public.send_webhook_test(endpoint_id uuid) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  most_in_a_minute constant int := 5;
  endpoint constant public.webhook_endpoints := private.managed_webhook(endpoint_id);
begin
  perform pg_advisory_xact_lock(hashtextextended('webhook_tests ' || endpoint.id::text, 0));
  if (
    select count(*) from private.outbox as message
    where message.destination_id = endpoint.id and message.template = 'test' and message.created_at > now() - interval '1 minute'
  ) >= most_in_a_minute then
    raise sqlstate 'PT429' using message = 'You sent five tests within a minute.', hint = 'Wait a minute, and look at the log meanwhile.';
  end if;
  -- In a lane of its own: a test is to show how things are now, and not to wait behind what failed before.
  return private.post(
    key => format('webhook_test %s', gen_random_uuid()), channel => 'webhook', lane => format('webhook %s test', endpoint.id),
    template => 'test', content => jsonb_build_object('timestamp', now(), 'data', jsonb_build_object('message', 'This is a test, sent by hand.')),
    account_id => endpoint.account_id, destination_id => endpoint.id, expires_at => now() + interval '1 hour'
  );
end
$$;
comment on function public.send_webhook_test(uuid) is 'Puts an event of the type test into the outbox for a webhook, and answers its id.';

create function public.list_webhook_messages(endpoint_id uuid, before timestamptz default 'infinity', page_size int default 20)
returns table (
  id uuid, type text, state text, created_at timestamptz, ended_at timestamptz, next_attempt_at timestamptz, fault text, attempts jsonb
)
language plpgsql stable security definer set search_path = ''
as $$
declare
  endpoint constant public.webhook_endpoints := private.managed_webhook(endpoint_id);
begin
  return query
  select
    message.id, message.template, message.state, message.created_at, message.ended_at,
    case when message.state = 'waiting' then message.next_attempt_at end, message.fault,
    (
      select coalesce(jsonb_agg(jsonb_build_object(
        'number', attempt.number, 'started_at', attempt.started_at, 'ended_at', attempt.ended_at, 'outcome', attempt.outcome,
        'status', attempt.status, 'detail', attempt.detail
      ) order by attempt.number desc), '[]')
      from private.outbox_attempts as attempt where attempt.message_id = message.id
    )
  from private.outbox as message
  where message.destination_id = endpoint.id and message.channel = 'webhook' and message.account_id = endpoint.account_id
    and message.created_at < list_webhook_messages.before
  order by message.sequence desc
  limit least(greatest(list_webhook_messages.page_size, 1), 100);
end
$$;
comment on function public.list_webhook_messages(uuid, timestamptz, int) is
  'What was sent to a webhook within 30 days, the newest first, with each attempt, its status and the beginning of the answer. For owners and '
  'admins.';

create function public.replay_webhook_message(message_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  endpoint public.webhook_endpoints;
begin
  select known.* into endpoint
  from private.outbox as message
  join public.webhook_endpoints as known on known.id = message.destination_id and known.account_id = message.account_id
  where message.id = replay_webhook_message.message_id and message.channel = 'webhook';
  perform private.check_may_manage_webhooks(endpoint.account_id, 'message');
  if not endpoint.is_enabled then
    raise sqlstate 'PT409' using message = 'This webhook is switched off.', hint = 'Switch it on first.';
  end if;
  if not private.replay(replay_webhook_message.message_id) then
    raise sqlstate 'PT409' using message = 'This message is still on its way.', hint = 'Its next attempt stands in the log.';
  end if;
end
$$;
comment on function public.replay_webhook_message(uuid) is 'Sends a message that has ended once more, under the same id.';

revoke execute on function private.webhook_destination(private.outbox) from public, anon, authenticated, service_role;
revoke execute on function private.webhook_company(uuid, uuid) from public, anon, authenticated, service_role;
revoke execute on function private.webhook_visit(uuid, uuid) from public, anon, authenticated, service_role;
revoke execute on function private.webhooks_hear(private.events) from public, anon, authenticated, service_role;
revoke execute on function private.disable_webhook(public.webhook_endpoints, text) from public, anon, authenticated, service_role;
revoke execute on function private.note_webhook_attempt() from public, anon, authenticated, service_role;
revoke execute on function public.send_webhook_test(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.list_webhook_messages(uuid, timestamptz, int) from public, anon, authenticated, service_role;
revoke execute on function public.replay_webhook_message(uuid) from public, anon, authenticated, service_role;
grant execute on function public.send_webhook_test(uuid) to authenticated;
grant execute on function public.list_webhook_messages(uuid, timestamptz, int) to authenticated;
grant execute on function public.replay_webhook_message(uuid) to authenticated;
