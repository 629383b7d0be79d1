-- Neither Slack nor Teams knows a message by an id: one of which nobody knows if it arrived is not sent again.
insert into private.channels values ('slack', false, 6, '6 hours', false), ('teams', false, 6, '6 hours', false);

create function private.check_chat_manager(account_id uuid, subject text) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'Sign in before you change chat channels.';
  end if;
  -- A stranger learns nothing: to them another account is no different from none.
  if account_id is null or account_id not in (select private.account_ids()) then
    raise sqlstate 'PT404' using
      message = format('There is no such %s of yours.', subject), hint = 'Reload the page: it may show something older.';
  end if;
  if account_id not in (select private.account_ids('{owner,admin}')) then
    raise sqlstate 'PT403' using message = 'Only owners and admins connect and test chat channels.', hint = 'Ask one of them.';
  end if;
end
$$;
comment on function private.check_chat_manager(uuid, text) is 'Refuses, in words, whoever is no owner or admin of an account.';

create function private.checked_chat_url(kind text, url text) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  trimmed constant text := btrim(coalesce(url, ''), E' \t\r\n');
begin
  if kind is null or kind not in ('slack', 'teams') then
    raise sqlstate 'PT422' using message = 'Unknown kind of chat.', hint = 'Say slack or teams.';
  end if;
  -- The hosts alone that the vendors give out, so that nobody makes us post elsewhere. No message repeats the address: it is a secret.
  -- Sources: Slack, "Sending messages using incoming webhooks"; Microsoft, "Create incoming webhooks with Workflows for Teams".
  if kind = 'slack' and trimmed !~ '^https://hooks\.slack\.com/services/[A-Za-z0-9]{1,40}/[A-Za-z0-9]{1,40}/[A-Za-z0-9]{1,80}$' then
    raise sqlstate 'PT422' using
      message = 'This is not the address of a Slack incoming webhook.',
      hint = 'Copy it from your Slack app, "Incoming Webhooks": it begins with https://hooks.slack.com/services/.';
  end if;
  if kind = 'teams' and (
    char_length(trimmed) > 2000 or trimmed !~ (
      '^https://([a-z0-9-]{1,63}\.){1,6}(webhook\.office\.com|logic\.azure\.com|api\.powerplatform\.com)(:443)?'
      '/[A-Za-z0-9_./@%-]{4,}(\?[A-Za-z0-9_.=&%~/+-]+)?$'
    )
  ) then
    raise sqlstate 'PT422' using
      message = 'This is not the address of a Microsoft Teams workflow.',
      hint = 'In Teams, set up the workflow "Post to a channel when a webhook request is received" and copy the address it shows.';
  end if;
  return trimmed;
end
$$;
comment on function private.checked_chat_url(text, text) is 'An address as it is kept; or an error in words where the kind''s vendor gives out none like it.';

create function public.add_chat_destination(account_id uuid, kind text, name text, url text) returns public.chat_destinations
language plpgsql security definer set search_path = ''
as $$
declare
  most constant int := 50;
  named constant text := btrim(coalesce(add_chat_destination.name, ''));
  kept_url text;
  added public.chat_destinations;
begin
  perform private.check_chat_manager(account_id, 'account');
  kept_url := private.checked_chat_url(kind, url);
  if char_length(named) not between 1 and 80 then
    raise sqlstate 'PT422' using message = 'The channel''s name must have 1 to 80 characters.', hint = 'Name it as it is called there, such as #sales.';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('chat_destinations ' || add_chat_destination.account_id::text, 0));
  if exists (
    select from public.chat_destinations as known where known.account_id = add_chat_destination.account_id and known.name = named
  ) then
    raise sqlstate 'PT409' using message = 'There is a channel of this name already.', hint = 'Choose another name.';
  end if;
  if (select count(*) from public.chat_destinations as known where known.account_id = add_chat_destination.account_id) >= most then
    raise sqlstate 'PT422' using message = format('You have %s chat channels already, which is the most.', most), hint = 'Remove one you no longer use.';
  end if;
  insert into public.chat_destinations (account_id, kind, name, ending, created_by)
    values (add_chat_destination.account_id, add_chat_destination.kind, named, right(kept_url, 4), (select auth.uid()))
    returning * into added;
  insert into private.chat_urls (destination_id, account_id, url) values (added.id, added.account_id, kept_url);
  return added;
end
$$;
comment on function public.add_chat_destination(uuid, text, text, text) is
  'Connects a channel of Slack or Teams by the address it takes messages at, which nothing ever shows again. Owners and admins.';

create function public.replace_chat_url(destination_id uuid, url text) returns public.chat_destinations
language plpgsql security definer set search_path = ''
as $$
declare
  kept_url text;
  destination public.chat_destinations;
begin
  select known.* into destination from public.chat_destinations as known where known.id = destination_id;
  perform private.check_chat_manager(destination.account_id, 'chat channel');
  kept_url := private.checked_chat_url(destination.kind, url);
  update private.chat_urls as known set url = kept_url where known.destination_id = destination.id;
  update public.chat_destinations as known set ending = right(kept_url, 4), broken_at = null, broken_reason = null
    where known.id = destination.id returning * into destination;
  return destination;
end
$$;
comment on function public.replace_chat_url(uuid, text) is 'Gives a chat channel a new address. Owners and admins.';

create function public.send_chat_test(destination_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  destination public.chat_destinations;
begin
  select known.* into destination from public.chat_destinations as known where known.id = send_chat_test.destination_id;
  perform private.check_chat_manager(destination.account_id, 'chat channel');
  if private.post(
    format('chat.test:%s:%s', destination.id, to_char(now() at time zone 'UTC', 'YYYYMMDDHH24MI')), destination.kind,
    -- A lane of its own: a test says now whether the channel works, whatever waits for it.
    'chat.test:' || destination.id, 'chat.test', jsonb_build_object('name', destination.name), account_id => destination.account_id,
    destination_id => destination.id, expires_at => now() + interval '10 minutes'
  ) is null then
    raise sqlstate 'PT429' using message = 'A test was sent a moment ago.', hint = 'Wait a minute before you send another.';
  end if;
end
$$;
comment on function public.send_chat_test(uuid) is
  'Posts a message to a chat channel, at most once a minute, to see whether it arrives; a channel that works again is used again. Owners and admins.';

create function private.chat_destination(message private.outbox) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('url', secret.url)
  from public.chat_destinations as destination
  join private.chat_urls as secret on secret.destination_id = destination.id
  where destination.id = message.destination_id and destination.kind = message.channel
    and (destination.broken_at is null or message.template = 'chat.test')
$$;
comment on function private.chat_destination(private.outbox) is
  'Where a message for a chat goes. Null for a channel that is gone, and but for a test for one that takes none.';

create function private.slack_destination(message private.outbox) returns jsonb
language sql stable set search_path = ''
return private.chat_destination(message);
comment on function private.slack_destination(private.outbox) is 'See private.channels.';

create function private.teams_destination(message private.outbox) returns jsonb
language sql stable set search_path = ''
return private.chat_destination(message);
comment on function private.teams_destination(private.outbox) is 'See private.channels.';

create function private.note_chat_attempt() returns trigger
language plpgsql set search_path = ''
as $$
declare
  destination_id uuid;
begin
  select message.destination_id into destination_id from private.outbox as message
  where message.id = new.message_id and message.channel in ('slack', 'teams');
  if destination_id is null then
    return null;
  end if;
  if new.outcome = 'delivered' then
    update public.chat_destinations as known set last_delivered_at = new.ended_at, broken_at = null, broken_reason = null
    where known.id = destination_id;
  elsif new.outcome = 'refused' and new.status in (401, 403, 404, 410) then
    -- It is the channel that takes nothing, not this message that is wrong.
    update public.chat_destinations as known set broken_at = now(), broken_reason = left(coalesce(new.detail, 'It was refused.'), 300)
    where known.id = destination_id;
  end if;
  return null;
end
$$;
comment on function private.note_chat_attempt() is 'Keeps with a chat channel whether it takes messages, by what became of the latest.';
create trigger note_chat_attempt after update of outcome on private.outbox_attempts
  for each row when (new.outcome in ('delivered', 'refused')) execute function private.note_chat_attempt();

revoke execute on function private.check_chat_manager(uuid, text) from public, anon, authenticated, service_role;
revoke execute on function private.checked_chat_url(text, text) from public, anon, authenticated, service_role;
revoke execute on function private.chat_destination(private.outbox) from public, anon, authenticated, service_role;
revoke execute on function private.slack_destination(private.outbox) from public, anon, authenticated, service_role;
revoke execute on function private.teams_destination(private.outbox) from public, anon, authenticated, service_role;
revoke execute on function private.note_chat_attempt() from public, anon, authenticated, service_role;
revoke execute on function public.add_chat_destination(uuid, text, text, text) from public, anon, authenticated, service_role;
revoke execute on function public.replace_chat_url(uuid, text) from public, anon, authenticated, service_role;
revoke execute on function public.send_chat_test(uuid) from public, anon, authenticated, service_role;
grant execute on function public.add_chat_destination(uuid, text, text, text) to authenticated;
grant execute on function public.replace_chat_url(uuid, text) to authenticated;
grant execute on function public.send_chat_test(uuid) to authenticated;
