create table private.portable (
  kind text primary key check (kind ~ '^[a-z_]{1,40}$'),
  position smallint not null unique,
  ordered_by text[] not null
);
comment on table private.portable is
  'What an account takes along to another instance: the tables, in the order in which they can be filled, and the columns that name a row.';
insert into private.portable (kind, position, ordered_by) values
  ('retention', 1, '{account_id}'), ('sites', 2, '{id}'), ('site_hosts', 3, '{site_id,host}'), ('companies', 4, '{id}'), ('visits', 5, '{id}'),
  ('page_views', 6, '{site_id,beacon_id}'), ('site_days', 7, '{site_id,day,outcome}'), ('site_pauses', 8, '{site_id,day}'),
  ('corrections', 9, '{id}'), ('excluded_networks', 10, '{network}'), ('excluded_countries', 11, '{country}'), ('segments', 12, '{id}'),
  ('contacts', 13, '{id}');
revoke all on private.portable from public, anon, authenticated, service_role;

create function private.portable_key(kind text) returns text
language sql stable set search_path = ''
return (
  select string_agg(format('kept.%I', name), ', ')
  from private.portable as known cross join lateral unnest(known.ordered_by) as name where known.kind = portable_key.kind
);
comment on function private.portable_key(text) is 'The columns that name a row of a kind, as SQL has them; null for a kind that there is not.';

create function public.export_account(account_id uuid, kind text default null, after jsonb default null) returns setof jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  most constant int := 1000;
  listed constant text := private.portable_key(export_account.kind);
begin
  perform private.check_manages_account(export_account.account_id);
  if export_account.kind is null then
    perform audit.append(export_account.account_id, 'account.exported', 'account', export_account.account_id::text);
    return query select to_jsonb(known.kind) from private.portable as known order by known.position;
    return;
  end if;
  if listed is null then
    raise sqlstate 'PT422' using message = 'There is no such kind of data in an export.', hint = 'Call without a kind for the list.';
  end if;
  return query execute format(
    $query$
    select to_jsonb(kept) - 'objection_token' from public.%1$I as kept, jsonb_populate_record(null::public.%1$I, coalesce($2, '{}')) as last_one
    where kept.account_id = $1 and ($2 is null or (%2$s) > (%3$s)) %4$s
    order by %2$s limit $3
    $query$,
    export_account.kind, listed, replace(listed, 'kept.', 'last_one.'),
    -- It has no index by account, and is the largest of all.
    case when export_account.kind = 'page_views' then 'and kept.site_id in (select site.id from public.sites as site where site.account_id = $1)' end
  ) using export_account.account_id, export_account.after, most;
end
$$;
comment on function public.export_account(uuid, text, jsonb) is
  'What an account has, for its owners and admins: first, without a kind, the kinds, which is recorded as an export; then of each kind 1,000 rows after '
  'one. Secrets, tokens of CRMs and who works in the account are not in it.';

create function private.moved_id(account_id uuid, id text) returns uuid
language sql immutable set search_path = ''
return encode(substring(sha256(convert_to(moved_id.account_id::text || ' ' || moved_id.id, 'UTF8')) for 16), 'hex')::uuid;
comment on function private.moved_id(uuid, text) is
  'What a row''s id becomes in the account it is taken to: always the same, so that an import may be repeated; never that of a row of somebody else''s.';

create function private.moved_row(account_id uuid, kind text, given jsonb) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_object_agg(
    field.key,
    case
      when field.key = 'account_id' then to_jsonb(moved_row.account_id)
      when field.value = 'null' then field.value
      when field.key in ('id', 'site_id', 'company_id', 'same_as_company_id', 'visit_id')
        then to_jsonb(private.moved_id(moved_row.account_id, field.value #>> '{}'))
      -- Who did it is no user here; and a site's key and quota are this instance's to give.
      when field.key in ('created_by', 'undone_by') then to_jsonb((select auth.uid()))
      else field.value
    end
  ), '{}') || case when moved_row.kind = 'sites' then jsonb_build_object(
    'beacons_per_day', 1000000, 'public_key', 'site_' || left(replace(private.moved_id(moved_row.account_id, 'key ' || (given ->> 'id'))::text, '-', ''), 24)
  ) else '{}' end
  from jsonb_each(given) as field
$$;
comment on function private.moved_row(uuid, text, jsonb) is 'A row of an export as it stands in the account it is taken to.';

create function private.import_contact(account_id uuid, given jsonb) returns int
language plpgsql set search_path = ''
as $$
declare
  known_id uuid;
begin
  -- As every other import: whoever has objected here is not kept, and nothing but what has a place.
  if private.add_contact(
    import_contact.account_id, private.moved_id(import_contact.account_id, given ->> 'company_id'), 'import', given
  ) <> 'added' then
    return 0;
  end if;
  update public.contacts as added set
    found_at = least((given ->> 'found_at')::timestamptz, now()),
    expires_at = least((given ->> 'expires_at')::timestamptz, (given ->> 'found_at')::timestamptz + interval '365 days', added.expires_at)
  where added.account_id = import_contact.account_id
    and added.company_id = private.moved_id(import_contact.account_id, given ->> 'company_id')
    and added.work_email is not distinct from (given ->> 'work_email')
    and added.linkedin_handle is not distinct from (given ->> 'linkedin_handle');
  return 1;
end
$$;
comment on function private.import_contact(uuid, jsonb) is 'Keeps a contact of an export until the day it was to be kept until; 0 where it may not be kept.';

create function public.import_account(account_id uuid, kind text, kept_rows jsonb) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  most constant int := 1000;
  added int := 0;
  given jsonb;
  listed constant text := private.portable_key(import_account.kind);
begin
  perform private.check_owns_account(import_account.account_id);
  if listed is null or jsonb_typeof(kept_rows) is distinct from 'array' or jsonb_array_length(kept_rows) > most
    or exists (select from jsonb_array_elements(kept_rows) as element where jsonb_typeof(element.value) <> 'object') then
    raise sqlstate 'PT422' using
      message = 'This is not part of an export of Leadsment.', hint = 'Take the whole file that the export made, and change nothing in it.';
  end if;
  if import_account.kind = 'contacts' then
    for given in select element.value from jsonb_array_elements(kept_rows) as element loop
      added := added + private.import_contact(import_account.account_id, given);
    end loop;
  else
    execute format(
      $query$
      insert into public.%1$I
      select moved.* from jsonb_array_elements($3) as element
      cross join lateral jsonb_populate_record(null::public.%1$I, private.moved_row($1, $2, element.value)) as moved
      -- Some tables have triggers that refuse what is there already, which a repeated import must not run into.
      where not exists (select from public.%1$I as known where known.account_id = $1 and (%2$s) = (%3$s))
      on conflict do nothing
      $query$,
      import_account.kind, replace(listed, 'kept.', 'known.'), replace(listed, 'kept.', 'moved.')
    ) using import_account.account_id, import_account.kind, kept_rows;
    get diagnostics added = row_count;
  end if;
  if added > 0 then
    perform audit.append(
      import_account.account_id, 'account.imported', 'account', import_account.account_id::text, null,
      jsonb_build_object('kind', import_account.kind, 'rows', added)
    );
  end if;
  return added;
exception
  -- Its companies were there already, under other ids, so that what refers to them finds none.
  when foreign_key_violation then
    raise sqlstate 'PT422' using
      message = 'This account has something of its own already that is in the file as well.',
      hint = 'Create a new account, and import the whole file there.';
  when integrity_constraint_violation or data_exception or sqlstate 'PT409' then
    raise sqlstate 'PT422' using
      message = format('Something among the %s of this file cannot be kept: nothing of this part was.', replace(import_account.kind, '_', ' ')),
      hint = 'Take the whole file that the export made, and change nothing in it.';
end
$$;
comment on function public.import_account(uuid, text, jsonb) is
  'Adds up to 1,000 rows of an export to an account, for its owners, and answers how many were new. Ids become others, always the same for this account, '
  'so that an import may be repeated. Sites get keys of their own.';

revoke execute on function private.portable_key(text) from public, anon, authenticated, service_role;
revoke execute on function public.export_account(uuid, text, jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.moved_id(uuid, text) from public, anon, authenticated, service_role;
revoke execute on function private.moved_row(uuid, text, jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.import_contact(uuid, jsonb) from public, anon, authenticated, service_role;
revoke execute on function public.import_account(uuid, text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.export_account(uuid, text, jsonb) to authenticated;
grant execute on function public.import_account(uuid, text, jsonb) to authenticated;
