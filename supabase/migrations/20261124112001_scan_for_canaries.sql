-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'prover') then
    create role prover nologin noinherit;
  end if;
end
$$;
comment on role prover is 'What the nightly proof signs in as. May execute the functions granted to it by name, and reads no table.';
grant prover to authenticator;
-- A scan reads more than a beacon writes. The job's function may take a minute.
alter role prover set statement_timeout = '20s';
grant usage on schema public to prover;

-- Unlogged: what is planted here for the length of a statement reaches no write-ahead log and no replica.
create unlogged table private.canary_controls (spelling text not null);
comment on table private.canary_controls is
  'Always empty, but for the rest of a statement that shows that its own scan would find an address here. Nothing is ever committed to it.';
revoke all on private.canary_controls from public, anon, authenticated, service_role;

create function private.columns_to_scan(scanned regclass) returns text
language sql stable set search_path = ''
as $$
  -- Left out are types that cannot hold an address, whose random or counted values could look like one.
  select string_agg(format('%I::text', attribute.attname), ', ' order by attribute.attnum)
  from pg_catalog.pg_attribute as attribute
  join pg_catalog.pg_type as kind on kind.oid = attribute.atttypid
  where attribute.attrelid = scanned and attribute.attnum > 0 and not attribute.attisdropped
    and kind.typtype <> 'e' and kind.typcategory not in ('D', 'B', 'T') and kind.typname <> 'uuid'
$$;
comment on function private.columns_to_scan(regclass) is
  'A table''s columns that could hold an address, as a list of texts: all but uuids, times, truth values and enumerations. Null when there are none.';

create function private.rows_to_scan(scanned regclass, most_pages int) returns setof text
language plpgsql stable set search_path = ''
as $$
declare
  listed constant text := private.columns_to_scan(scanned);
  pages constant bigint := pg_relation_size(scanned) / current_setting('block_size')::bigint;
begin
  if listed is not null then
    -- The newest rows are in the last pages, but for those that took the place of deleted ones; to find these as well
    -- would be to read all of a table that has no bound.
    return query execute format(
      'select concat_ws(chr(10), %s) from %s where ctid >= %L::tid', listed, scanned, format('(%s,0)', greatest(0, pages - most_pages))
    );
  end if;
end
$$;
comment on function private.rows_to_scan(regclass, int) is
  'The rows of a table as texts: all of a table of at most so many pages (of 8 kB), the newest of a larger one.';

create function private.scan(spellings text[], most_pages int) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  rows_in_chunk constant int := 200;
  scanned regclass;
  counted record;
  tables int := 0;
  rows_read bigint := 0;
  bytes_read bigint := 0;
  found_in text[] := '{}';
begin
  for scanned in
    select class.oid::regclass from pg_catalog.pg_class as class
    where class.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and class.relkind in ('r', 'm')
    order by class.oid::regclass::text
  loop
    -- Many rows are searched at once: a search has a cost of its own, and there are many spellings.
    with numbered as (
      select line, (row_number() over () - 1) / rows_in_chunk as chunk from private.rows_to_scan(scanned, most_pages) as line
    ), chunks as (
      select string_agg(line, chr(10)) as content, count(*) as lines from numbered group by chunk
    )
    select coalesce(sum(chunks.lines), 0) as lines, coalesce(sum(octet_length(chunks.content)), 0) as bytes,
      coalesce(bool_or(exists (select from unnest(spellings) as known (spelling) where position(known.spelling in chunks.content) > 0)), false)
        as is_found
    into counted from chunks;
    tables := tables + 1;
    rows_read := rows_read + counted.lines;
    bytes_read := bytes_read + counted.bytes;
    if counted.is_found then
      found_in := found_in || scanned::text;
    end if;
  end loop;
  return jsonb_build_object('tables', tables, 'rows', rows_read, 'bytes', bytes_read, 'found', cardinality(found_in), 'found_in', found_in);
end
$$;
comment on function private.scan(text[], int) is
  'Searches every table of the product''s schemas for texts, and counts: tables, rows and bytes read, tables in which one was found, and which.';

-- The spellings are the operator's own addresses, not visitors'. They arrive as a parameter of the one statement that
-- PostgREST prepares, so that no log of statements holds them, are compared, and are kept nowhere.
create function public.scan_for_canaries(spellings text[], control text[]) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  most_pages constant int := 500;
  result jsonb;
  control_found_in jsonb;
begin
  if coalesce(cardinality(spellings), 0) not between 1 and 20000 or coalesce(cardinality(control), 0) not between 1 and 1000 then
    raise sqlstate 'PT400' using message = 'scan_for_canaries takes 1 to 20,000 spellings, and 1 to 1,000 of the control.';
  end if;
  result := private.scan(spellings, most_pages);
  begin
    insert into private.canary_controls (spelling) select known.spelling from unnest(control) as known (spelling) limit 1;
    control_found_in := private.scan(control, most_pages) -> 'found_in';
    -- Undoes the row above, and keeps what the variables hold.
    raise exception using errcode = 'L0001';
  exception when sqlstate 'L0001' then
    null;
  end;
  return result || jsonb_build_object(
    'most_pages', most_pages, 'control_found', control_found_in = jsonb_build_array('private.canary_controls')
  );
end
$$;
comment on function public.scan_for_canaries(text[], text[]) is
  'Searches every table of the product for spellings of the operator''s own addresses, and shows with a planted one that it would find '
  'them: control_found is true when it was found there and nowhere else. Answers counts; reads the newest rows of each table.';

create function public.keep_address_proof(proof jsonb) returns timestamptz
language sql security definer set search_path = ''
as $$
  insert into public.address_proofs (release, canaries, beacons, places, found, control_found, verdict)
  values (
    coalesce(proof ->> 'release', ''), (proof ->> 'canaries')::int, (proof ->> 'beacons')::int, proof -> 'places',
    (proof ->> 'found')::int, (proof ->> 'control_found')::boolean, proof ->> 'verdict'
  )
  returning ran_at
$$;
comment on function public.keep_address_proof(jsonb) is 'Adds a proof to the record, and answers when. The time is the database''s.';

revoke execute on function private.columns_to_scan(regclass) from public, anon, authenticated, service_role;
revoke execute on function private.rows_to_scan(regclass, int) from public, anon, authenticated, service_role;
revoke execute on function private.scan(text[], int) from public, anon, authenticated, service_role;
revoke execute on function public.scan_for_canaries(text[], text[]) from public, anon, authenticated, service_role;
revoke execute on function public.keep_address_proof(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.scan_for_canaries(text[], text[]) to prover;
grant execute on function public.keep_address_proof(jsonb) to prover;
