create function private.get_data_request(id uuid) returns private.data_requests
language plpgsql set search_path = ''
as $$
declare
  request private.data_requests;
begin
  select * into request from private.data_requests as known where known.id = get_data_request.id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'There is no such request.', hint = 'Reload the page: it may have been deleted, its time being over.';
  end if;
  if request.ended_at is not null then
    raise sqlstate 'PT409' using message = 'This request has ended already.', hint = 'Reload the page.';
  end if;
  return request;
end
$$;
comment on function private.get_data_request(uuid) is 'A request that has not ended, locked; refuses any other in words.';

create function private.checked_text(said text, fewest int, most int, what text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  if char_length(btrim(coalesce(said, ''))) not between fewest and most then
    raise sqlstate 'PT422' using message = format('%s has %s to %s characters.', what, fewest, most);
  end if;
  return btrim(said);
end
$$;
comment on function private.checked_text(text, int, int, text) is 'A text without spaces around it; refuses, in words, what is too short or too long.';

create function public.admin_list_data_requests(ended boolean default false) returns table (
  id uuid, reference text, kind text, channel text, state text, received_at timestamptz, due_at timestamptz, days_left int,
  extended_at timestamptz, ended_at timestamptz
)
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.require_admin();
  return query
    select
      request.id, private.data_request_reference(request.id), request.kind, request.channel, request.state, request.received_at,
      request.due_at, (request.due_at at time zone 'UTC')::date - (now() at time zone 'UTC')::date, request.extended_at, request.ended_at
    from private.data_requests as request
    where (request.ended_at is not null) = admin_list_data_requests.ended
    order by case when request.ended_at is null then request.due_at end, request.ended_at desc limit 200;
end
$$;
comment on function public.admin_list_data_requests(boolean) is
  'Requests of people about their data, for staff: the most urgent first, or those that ended. Names nobody.';

create function public.admin_look_at_data_request(id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  request private.data_requests;
  subject private.subject;
begin
  perform private.require_admin();
  select * into request from private.data_requests as known where known.id = admin_look_at_data_request.id;
  if not found then
    raise sqlstate 'PT404' using message = 'There is no such request.';
  end if;
  perform private.note_data_request(request, 'looked', null, private.admin_reason());
  if request.ended_at is null then
    subject := private.subject_of(request.email, request.linkedin_handle);
    perform audit.append(touched.account_id, 'admin.looked', 'data_request', request.id::text, null, null, private.admin_reason())
    from (
      select contact.account_id from private.contacts_of(subject) as contact
      union select membership.account_id from public.memberships as membership where membership.user_id = subject.user_id
    ) as touched
    order by touched.account_id;
  end if;
  return jsonb_build_object(
    'id', request.id, 'reference', private.data_request_reference(request.id), 'kind', request.kind, 'channel', request.channel,
    'state', request.state, 'received_at', request.received_at, 'due_at', request.due_at,
    'email', request.email, 'details', request.details, 'proof', request.proof, 'proof_seen', request.proof_seen,
    'proved_at', request.proved_at, 'extended_at', request.extended_at, 'extension_reason', request.extension_reason,
    'ended_at', request.ended_at, 'outcome', request.outcome, 'answer', request.answer,
    'has_login', subject.user_id is not null,
    'contacts', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', contact.id, 'account', account.name, 'company', company.name, 'role', contact.role, 'work_email', contact.work_email
      ) order by account.name, company.name), '[]')
      from private.contacts_of(subject) as contact
      join public.accounts as account on account.id = contact.account_id join public.companies as company on company.id = contact.company_id
    ),
    'accounts_waiting', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', sole.account_id, 'name', sole.name, 'members', (
          select coalesce(jsonb_agg(jsonb_build_object('user_id', member.user_id, 'role', member.role, 'email', person.email) order by member.created_at), '[]')
          from public.memberships as member join auth.users as person on person.id = member.user_id
          where member.account_id = sole.account_id and member.user_id <> subject.user_id
        )
      ) order by sole.name), '[]')
      from private.sole_accounts(subject.user_id) as sole where sole.has_others or sole.is_large
    )
  );
end
$$;
comment on function public.admin_look_at_data_request(uuid) is
  'A request and what there is of the person, for staff. Each account that keeps something of them reads in its audit log that it was looked at.';

create function public.admin_enter_data_request(
  kind text, email text, channel text, received_at timestamptz, details text default null, proof_seen text default null,
  linkedin_handle text default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  kept private.data_requests;
  proof_of constant text := nullif(btrim(admin_enter_data_request.proof_seen), '');
  handle constant text := nullif(lower(btrim(admin_enter_data_request.linkedin_handle)), '');
begin
  perform private.require_admin();
  if btrim(coalesce(email, '')) !~ '^[^\s@,;<>"]{1,64}@[^\s@,;<>"]{1,253}$' then
    raise sqlstate 'PT422' using message = 'Enter one e-mail address, such as anna@acme.com.';
  elsif admin_enter_data_request.received_at > now() or admin_enter_data_request.received_at < now() - interval '90 days'
    or admin_enter_data_request.received_at is null then
    raise sqlstate 'PT422' using message = 'Say when it arrived: a day within the last 90.';
  elsif admin_enter_data_request.channel is null or admin_enter_data_request.channel not in ('mail', 'post')
    or admin_enter_data_request.kind is null
    or admin_enter_data_request.kind not in ('access', 'portability', 'erasure', 'objection', 'rectification', 'restriction') then
    raise sqlstate 'PT422' using message = 'Choose what is asked for, and whether it came by mail or by post.';
  elsif handle !~ '^[a-z0-9-]{3,100}$' or (handle is not null and proof_of is null) then
    raise sqlstate 'PT422' using
      message = 'A LinkedIn handle is the last part of the profile''s address, and needs a proof that you saw: a mailbox proves none.';
  elsif handle is not null and admin_enter_data_request.kind in ('access', 'portability') then
    raise sqlstate 'PT422' using message = 'A copy is found by the address alone: leave the handle out.';
  end if;
  kept := private.keep_data_request(
    admin_enter_data_request.kind, admin_enter_data_request.channel, admin_enter_data_request.email,
    case when btrim(coalesce(admin_enter_data_request.details, '')) <> ''
      then private.checked_text(admin_enter_data_request.details, 1, 2000, 'What was asked') end,
    admin_enter_data_request.received_at, handle
  );
  if proof_of is null then
    perform private.mail_proof_of_data_request(kept.id);
    return jsonb_build_object('id', kept.id, 'state', 'waiting');
  end if;
  update private.data_requests as known
  set proof = 'staff', proof_seen = private.checked_text(proof_of, 10, 500, 'The proof you saw'), proved_at = now(), state = 'open'
  where known.id = kept.id;
  perform private.note_data_request(kept, 'proved', '{"proof": "staff"}', private.admin_reason());
  return private.carry_out_data_request(kept.id) - 'files' || jsonb_build_object('id', kept.id);
end
$$;
comment on function public.admin_enter_data_request(text, text, text, timestamptz, text, text, text) is
  'Enters a request that came by mail or post. Without a proof that somebody of the staff saw, the address is mailed the link; with one it is carried out.';

create function public.admin_mail_data_request_link(id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  request private.data_requests;
begin
  perform private.require_admin();
  request := private.get_data_request(admin_mail_data_request_link.id);
  if request.proved_at is not null then
    raise sqlstate 'PT409' using message = 'This request is proved already.';
  end if;
  perform private.mail_proof_of_data_request(request.id);
  perform private.note_data_request(request, 'link_mailed', null, private.admin_reason());
end
$$;
comment on function public.admin_mail_data_request_link(uuid) is 'Mails the person a new link to prove their address; the earlier one is void.';

create function public.admin_extend_data_request(id uuid, reason text) returns timestamptz
language plpgsql security definer set search_path = ''
as $$
declare
  request private.data_requests;
begin
  perform private.require_admin();
  request := private.get_data_request(admin_extend_data_request.id);
  if request.extended_at is not null then
    raise sqlstate 'PT409' using message = 'This request was extended already; it can be once (Art. 12(3) GDPR).';
  elsif now() >= request.received_at + interval '30 days' then
    raise sqlstate 'PT409' using message = 'The person must hear of an extension within 30 days of their request (Art. 12(3) GDPR); these are over.';
  end if;
  update private.data_requests as known
  set
    extended_at = now(), due_at = known.received_at + interval '90 days',
    extension_reason = private.checked_text(admin_extend_data_request.reason, 10, 500, 'The reason')
  where known.id = request.id returning * into request;
  perform private.mail_of_data_request(request, 'extended', jsonb_build_object('reason', request.extension_reason));
  perform private.note_data_request(request, 'extended', jsonb_build_object('due_at', request.due_at), private.admin_reason());
  return request.due_at;
end
$$;
comment on function public.admin_extend_data_request(uuid, text) is
  'Gives a request 90 days instead of 30, once, and mails the person why: within the first 30 (Art. 12(3) GDPR).';

create function public.admin_refuse_data_request(id uuid, reason text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  request private.data_requests;
begin
  perform private.require_admin();
  request := private.get_data_request(admin_refuse_data_request.id);
  perform private.end_data_request(
    request, 'refused', null, private.checked_text(admin_refuse_data_request.reason, 10, 2000, 'The reason')
  );
end
$$;
comment on function public.admin_refuse_data_request(uuid, text) is
  'Refuses a request, and mails the person why and where they can complain (Art. 12(4) and (5) GDPR).';

create function public.admin_finish_data_request(id uuid, answer text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  request private.data_requests;
begin
  perform private.require_admin();
  request := private.get_data_request(admin_finish_data_request.id);
  if request.proved_at is null then
    raise sqlstate 'PT409' using message = 'Nobody has proved yet that the address is theirs.', hint = 'Mail the link again, or refuse the request.';
  elsif request.kind not in ('rectification', 'restriction') then
    raise sqlstate 'PT409' using message = 'This is carried out, not only marked as done.', hint = 'See what it waits for.';
  end if;
  perform private.end_data_request(
    request, 'done', '{}', private.checked_text(admin_finish_data_request.answer, 10, 2000, 'What was done')
  );
end
$$;
comment on function public.admin_finish_data_request(uuid, text) is
  'Marks a rectification or restriction as done, and mails the person what that was.';

create function public.admin_carry_out_data_request(id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  request private.data_requests;
begin
  perform private.require_admin();
  request := private.get_data_request(admin_carry_out_data_request.id);
  if request.proved_at is null then
    raise sqlstate 'PT409' using message = 'Nobody has proved yet that the address is theirs.', hint = 'Mail the link again, or refuse the request.';
  end if;
  return private.carry_out_data_request(request.id) - 'files';
end
$$;
comment on function public.admin_carry_out_data_request(uuid) is 'Tries again what a proved request waited for, such as another owner of an account.';

create function public.admin_hand_over_account(request_id uuid, account_id uuid, user_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  request private.data_requests;
begin
  perform private.require_admin();
  request := private.get_data_request(admin_hand_over_account.request_id);
  if request.kind <> 'erasure' or request.proved_at is null or not exists (
    select from private.sole_accounts((private.subject_of(request.email)).user_id) as sole
    where sole.account_id = admin_hand_over_account.account_id and sole.has_others
  ) then
    raise sqlstate 'PT409' using message = 'This request does not wait for another owner of that account.', hint = 'Reload the page.';
  end if;
  update public.memberships as membership set role = 'owner'
  where membership.account_id = admin_hand_over_account.account_id and membership.user_id = admin_hand_over_account.user_id;
  if not found then
    raise sqlstate 'PT404' using message = 'Only who works in the account already can become its owner.';
  end if;
  perform audit.append(
    admin_hand_over_account.account_id, 'admin.handed_over', 'account', admin_hand_over_account.account_id::text, null,
    jsonb_build_object('owner', admin_hand_over_account.user_id, 'data_request', request.id), private.admin_reason()
  );
end
$$;
comment on function public.admin_hand_over_account(uuid, uuid, uuid) is
  'Makes a member the owner of an account whose only owner asked to be erased. The account reads it in its audit log, with the reason.';

create function public.admin_rectify_contact(request_id uuid, contact_id uuid, role text) returns void
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  request private.data_requests;
  mended public.contacts;
begin
  perform private.require_admin();
  request := private.get_data_request(admin_rectify_contact.request_id);
  if request.kind <> 'rectification' or request.proved_at is null then
    raise sqlstate 'PT409' using message = 'Only a proved request for rectification changes a contact.';
  end if;
  update public.contacts as contact set role = nullif(btrim(admin_rectify_contact.role), '')
  where contact.id = admin_rectify_contact.contact_id
    and contact.id in (select own.id from private.contacts_of(private.subject_of(request.email, request.linkedin_handle)) as own)
  returning * into mended;
  if mended.id is null then
    raise sqlstate 'PT404' using message = 'There is no such contact of this person.', hint = 'Reload the page.';
  end if;
  perform audit.append(
    mended.account_id, 'data_request.rectified', 'data_request', request.id::text, null,
    jsonb_build_object('contact_id', mended.id, 'columns', '["role"]'::jsonb), private.admin_reason()
  );
end
$$;
comment on function public.admin_rectify_contact(uuid, uuid, text) is
  'Puts a contact''s role right (Art. 16 GDPR), in known words; empty takes it away. The account reads it in its audit log.';

do $$
declare
  made regprocedure;
begin
  for made in
    select procedure.oid::regprocedure from pg_catalog.pg_proc as procedure
    where procedure.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and procedure.proname in (
      'get_data_request', 'checked_text', 'admin_list_data_requests', 'admin_look_at_data_request', 'admin_enter_data_request',
      'admin_mail_data_request_link', 'admin_extend_data_request', 'admin_refuse_data_request', 'admin_finish_data_request',
      'admin_carry_out_data_request', 'admin_hand_over_account', 'admin_rectify_contact'
    )
  loop
    execute format('revoke execute on function %s from public, anon, authenticated, service_role', made);
    if made::text like '%admin\_%' then
      execute format('grant execute on function %s to authenticated', made);
    end if;
  end loop;
end
$$;
