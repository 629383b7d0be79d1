-- What a person asks for about themselves (Art. 15 to 21 GDPR): received, proved, carried out, answered, within a month (Art. 12(3)).

create table private.data_requests (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind in ('access', 'portability', 'erasure', 'objection', 'rectification', 'restriction')),
  channel text not null check (channel in ('form', 'mail', 'post')),
  email_hash bytea not null check (octet_length(email_hash) = 32),
  email text check (email = lower(email) and char_length(email) <= 320),
  linkedin_handle text check (linkedin_handle ~ '^[a-z0-9-]{3,100}$'),
  details text check (char_length(details) between 1 and 2000),
  state text not null default 'waiting' check (state in ('waiting', 'open', 'done', 'refused')),
  received_at timestamptz not null default now(),
  due_at timestamptz not null default now() + interval '30 days',
  token_hash bytea unique check (octet_length(token_hash) = 32),
  token_expires_at timestamptz,
  proof text check (proof in ('mail', 'staff')),
  proof_seen text check (char_length(proof_seen) between 10 and 500),
  proved_at timestamptz,
  extended_at timestamptz,
  extension_reason text check (char_length(extension_reason) between 10 and 500),
  ended_at timestamptz,
  outcome jsonb,
  answer text check (char_length(answer) between 10 and 2000),
  files_hash bytea unique check (octet_length(files_hash) = 32),
  files_expire_at timestamptz,
  constraint data_requests_end_at_a_time check ((state in ('done', 'refused')) = (ended_at is not null)),
  constraint data_requests_forget_whom_they_were_about check (
    (ended_at is null) = (email is not null) and (ended_at is null or num_nonnulls(linkedin_handle, details, token_hash) = 0)
  ),
  constraint data_requests_are_carried_out_once_proved check (state in ('waiting', 'refused') or proved_at is not null),
  constraint data_requests_are_extended_to_90_days_at_most check (due_at <= received_at + interval '90 days')
);
create index data_requests_email_hash_idx on private.data_requests (email_hash, received_at);
create index data_requests_received_at_idx on private.data_requests (channel, received_at);
create index data_requests_open_idx on private.data_requests (due_at) where ended_at is null;
create index data_requests_ended_at_idx on private.data_requests (ended_at) where ended_at is not null;
comment on table private.data_requests is
  'What people asked for about themselves. The address is kept until the request has ended and as a hash after that, for three years, to account for '
  'what was done; a request from the form that nobody proves is deleted after seven days.';
comment on column private.data_requests.email_hash is 'As private.suppression_hash makes it of an address: with this database''s pepper.';
comment on column private.data_requests.details is 'In the person''s words: what is wrong, or what shall be restricted. Emptied at the end.';
comment on column private.data_requests.state is 'waiting: for its proof; open: proved, for the staff to carry out; done; refused.';
comment on column private.data_requests.received_at is 'The clock runs from here: for a letter, from the day it arrived.';
comment on column private.data_requests.due_at is '30 days after receipt; 90 once it was extended with a reason (Art. 12(3)).';
comment on column private.data_requests.token_hash is 'SHA-256 of the text in the mail that proves whose address it is.';
comment on column private.data_requests.proof_seen is 'How somebody of the staff made sure who asks. No copy of a document, no name.';
comment on column private.data_requests.outcome is 'What was done, in numbers.';
comment on column private.data_requests.answer is 'What the person was told by the staff: what was done, or why not.';
comment on column private.data_requests.files_hash is
  'SHA-256 of the text by which the person fetches their data until files_expire_at. They send their address along: it is kept nowhere.';
revoke all on private.data_requests from public, anon, authenticated, service_role;

create function private.draw_data_request_token() returns text
language sql volatile set search_path = ''
return rtrim(
  translate(encode(sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8')), 'base64'), '+/', '-_'), '='
);
comment on function private.draw_data_request_token() is 'A new random text of 256 bits for a link.';

create function private.data_request_reference(id uuid) returns text
language sql immutable set search_path = ''
return 'DR-' || upper(left(id::text, 8));
comment on function private.data_request_reference(uuid) is 'What the person and the staff call a request.';

create function private.note_data_request(request private.data_requests, verb text, after jsonb default null, reason text default null)
returns void
language sql set search_path = ''
as $$
  select audit.append(
    null, 'data_request.' || verb, 'data_request', request.id::text, null,
    jsonb_build_object('kind', request.kind, 'channel', request.channel, 'email_hash', encode(request.email_hash, 'hex'))
      || coalesce(note_data_request.after, '{}'),
    note_data_request.reason
  )
$$;
comment on function private.note_data_request(private.data_requests, text, jsonb, text) is
  'Writes into the platform''s audit log what became of a request, with the hash of the address alone.';

create function private.mail_of_data_request(request private.data_requests, letter text, content jsonb default '{}', nth text default '')
returns void
language sql set search_path = ''
as $$
  select private.post(
    concat_ws(' ', 'data_request', request.id, mail_of_data_request.letter, nullif(mail_of_data_request.nth, '')), 'mail',
    'data_request ' || request.id, 'data_request.' || mail_of_data_request.letter,
    jsonb_build_object(
      'to', request.email, 'kind', request.kind, 'reference', private.data_request_reference(request.id), 'channel', request.channel,
      'received_on', (request.received_at at time zone 'UTC')::date, 'due_on', (request.due_at at time zone 'UTC')::date
    ) || mail_of_data_request.content
  )
$$;
comment on function private.mail_of_data_request(private.data_requests, text, jsonb, text) is
  'Mails the person a letter about their request, once for each letter and nth. Looks the address up in the request, which has not ended yet.';

create function private.tell_staff_of_data_request(request private.data_requests, occasion text) returns void
language sql set search_path = ''
as $$
  select private.post_to_staff(
    concat_ws(' ', 'data_request_due', request.id, tell_staff_of_data_request.occasion), 'data_request.due',
    jsonb_build_object(
      'id', request.id, 'kind', request.kind, 'state', request.state, 'reference', private.data_request_reference(request.id),
      'due_on', (request.due_at at time zone 'UTC')::date,
      'days_left', (request.due_at at time zone 'UTC')::date - (now() at time zone 'UTC')::date
    )
  )
$$;
comment on function private.tell_staff_of_data_request(private.data_requests, text) is
  'Mails the staff that a request waits for them, once for each occasion. Names nobody.';

create function private.remind_of_data_requests() returns void
language plpgsql set search_path = ''
as $$
declare
  request private.data_requests;
  days_left int;
begin
  for request in
    select * from private.data_requests as known
    -- Who filled in the form and proved nothing yet has to act, not the staff.
    where known.ended_at is null and not (known.channel = 'form' and known.state = 'waiting') and known.due_at < now() + interval '8 days'
    order by known.due_at
  loop
    days_left := (request.due_at at time zone 'UTC')::date - (now() at time zone 'UTC')::date;
    -- By what is due, not by how often this is called: a missed day is caught up with, and an extended request begins anew.
    if days_left <= 7 then
      perform private.tell_staff_of_data_request(request, request.due_at || case
        when days_left < 0 then format(' overdue %s', -days_left)
        when days_left <= 2 then ' in 2 days'
        else ' in 7 days'
      end);
    end if;
  end loop;
end
$$;
comment on function private.remind_of_data_requests() is
  'Mails the staff of what waits for them: with seven days left, with two, and each day once it is overdue.';

create function private.purge_data_requests() returns int
language plpgsql set search_path = ''
as $$
declare
  gone int;
begin
  perform private.remind_of_data_requests();
  delete from private.data_requests as old where old.id in (
    select request.id from private.data_requests as request
    where request.channel = 'form' and request.state = 'waiting' and request.received_at < now() - interval '7 days'
    union all
    select request.id from private.data_requests as request where request.ended_at < now() - interval '3 years'
    limit 3000
  );
  get diagnostics gone = row_count;
  return gone;
end
$$;
comment on function private.purge_data_requests() is
  'Deletes requests that nobody proved within seven days and those that ended three years ago; reminds the staff of the others.';
insert into private.chores values ('data_requests');

-- Whoever asks what was sent to them waits for the answer: without an index it is a look at every message.
create index outbox_to_idx on private.outbox (lower(content ->> 'to')) where content ? 'to';
-- By these a person gets mails at an address that once took none: they ask for them at this moment.
insert into private.mail_templates (template, is_asked_for) values
  ('data_request.link', true), ('data_request.received', true), ('data_request.extended', true), ('data_request.done', true),
  ('data_request.refused', true);

revoke execute on function private.draw_data_request_token() from public, anon, authenticated, service_role;
revoke execute on function private.data_request_reference(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.note_data_request(private.data_requests, text, jsonb, text) from public, anon, authenticated, service_role;
revoke execute on function private.mail_of_data_request(private.data_requests, text, jsonb, text) from public, anon, authenticated, service_role;
revoke execute on function private.tell_staff_of_data_request(private.data_requests, text) from public, anon, authenticated, service_role;
revoke execute on function private.remind_of_data_requests() from public, anon, authenticated, service_role;
revoke execute on function private.purge_data_requests() from public, anon, authenticated, service_role;
