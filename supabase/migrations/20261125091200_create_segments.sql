create table private.segment_fields (
  field text not null check (field ~ '^[a-z_]{1,30}$'),
  operator text not null check (operator ~ '^[a-z_]{1,30}$'),
  takes text not null check (takes in ('texts', 'count', 'days')),
  period text not null default 'none' check (period in ('none', 'may', 'must')),
  form text,
  most int,
  means text not null,
  example text not null,
  primary key (field, operator)
);
comment on table private.segment_fields is
  'What a condition of a segment may say: the one place that knows the fields. docs/segments.md lists them.';
comment on column private.segment_fields.takes is 'texts: a list of them; count: a whole number from 1; days: the same, of days.';
comment on column private.segment_fields.period is 'Whether within_days may or must stand beside it.';
comment on column private.segment_fields.form is 'What each of the texts looks like, as a regular expression.';
comment on column private.segment_fields.most is 'The largest number.';
comment on column private.segment_fields.means is
  'The condition in SQL about `company`, a private.shown_company; %1$L is the value, %2$L the days of the period.';
comment on column private.segment_fields.example is 'One that is right, for who wrote one that is not.';

insert into private.segment_fields (field, operator, takes, period, form, most, means, example)
select
  facts.field, choice.operator, 'texts', 'none', facts.form, null, format(choice.means, facts.field),
  format('{"field": "%s", "%s": ["%s"]}', facts.field, choice.operator, facts.value)
from (
  values
    ('industry', null, 'Manufacturing'), ('country', '^[A-Z]{2}$', 'DE'), ('kind', '^(company|education|government|nonprofit)$', 'company'),
    ('employee_range', '^(1-9|10-49|50-249|250-999|1000-4999|5000-9999|10000\+)$', '50-249')
) as facts (field, form, value)
cross join (
  -- What is not known is none of the values: "is not" holds for it.
  values ('is', 'company.%I = any (%%1$L::text[])'), ('is_not', '(company.%I = any (%%1$L::text[])) is not true')
) as choice (operator, means);

insert into private.segment_fields (field, operator, takes, period, form, most, means, example) values
  (
    'page', 'starts_with', 'texts', 'may', '^/', null,
    'exists (
      select from public.visits as visit join public.page_views as view on view.visit_id = visit.id
      where visit.company_id = any (company.member_ids) and visit.started_at <= company.at
        and visit.started_at > company.at - make_interval(days => %2$L)
        and exists (select from unnest(%1$L::text[]) as wanted (path) where starts_with(view.path, wanted.path))
    )',
    '{"field": "page", "starts_with": ["/pricing"]}'
  ),
  (
    'campaign', 'is', 'texts', 'may', null, null,
    'exists (
      select from public.visits as visit join public.page_views as view on view.visit_id = visit.id
      where visit.company_id = any (company.member_ids) and visit.started_at <= company.at
        and visit.started_at > company.at - make_interval(days => %2$L) and view.utm_campaign = any (%1$L::text[])
    )',
    '{"field": "campaign", "is": ["spring"]}'
  ),
  (
    'visits', 'at_least', 'count', 'must', null, 10000,
    '(
      select count(*) from public.visits as visit
      where visit.company_id = any (company.member_ids) and visit.started_at <= company.at
        and visit.started_at > company.at - make_interval(days => %2$L)
    ) >= %1$L::int',
    '{"field": "visits", "at_least": 3, "within_days": 7}'
  ),
  (
    'page_views', 'at_least', 'count', 'must', null, 1000000,
    '(
      select coalesce(sum(visit.page_view_count), 0) from public.visits as visit
      where visit.company_id = any (company.member_ids) and visit.started_at <= company.at
        and visit.started_at > company.at - make_interval(days => %2$L)
    ) >= %1$L::int',
    '{"field": "page_views", "at_least": 10, "within_days": 7}'
  ),
  ('score', 'at_least', 'count', 'none', null, 100, 'private.score_of(company.member_ids, company.at) >= %1$L::int', '{"field": "score", "at_least": 50}'),
  (
    'first_seen', 'within_days', 'days', 'none', null, 730, 'company.first_seen_at > company.at - make_interval(days => %1$L)',
    '{"field": "first_seen", "within_days": 7}'
  ),
  (
    'last_seen', 'within_days', 'days', 'none', null, 730, 'company.last_seen_at > company.at - make_interval(days => %1$L)',
    '{"field": "last_seen", "within_days": 7}'
  );

revoke all on private.segment_fields from public, anon, authenticated, service_role;

create function private.refuse_filter(problem text, hint text default null) returns void
language plpgsql immutable set search_path = ''
as $$
begin
  raise sqlstate 'PT422' using
    message = problem, hint = coalesce(hint, 'For example {"match": "all", "conditions": [{"field": "country", "is": ["DE"]}]}.');
end
$$;
comment on function private.refuse_filter(text, text) is 'Says in words what is wrong with a filter.';

create function private.is_whole_number(value jsonb, most int) returns boolean
language sql immutable set search_path = ''
as $$
  select case when jsonb_typeof(value) = 'number' then value::numeric between 1 and most and value::numeric = trunc(value::numeric) else false end
$$;
comment on function private.is_whole_number(jsonb, int) is 'Whether a JSON value is a whole number from 1 to the most.';

create function private.find_segment_field(condition jsonb) returns private.segment_fields
language sql stable set search_path = ''
as $$
  select known from private.segment_fields as known
  where known.field = condition ->> 'field' and condition ? known.operator
  order by known.operator limit 1
$$;
comment on function private.find_segment_field(jsonb) is 'What a condition is, by its field and its operator; null if there is none such.';

create function private.check_condition(condition jsonb) returns void
language plpgsql stable set search_path = ''
as $$
declare
  most_days constant int := 730;
  field constant private.segment_fields := private.find_segment_field(condition);
  allowed text[];
  example text;
  value jsonb;
begin
  if field.field is null then
    select string_agg(known.example, ' or ' order by known.operator) into example
    from private.segment_fields as known where known.field = condition ->> 'field';
    perform private.refuse_filter(
      case when example is null
        then format('There is no field "%s" to filter by.', left(coalesce(condition ->> 'field', ''), 40))
        else format('The condition on "%s" does not say what it should be.', condition ->> 'field') end,
      case when example is null
        then 'Fields are: ' || (select string_agg(distinct known.field, ', ' order by known.field) from private.segment_fields as known) || '.'
        else 'For example ' || example || '.' end
    );
  end if;
  example := 'For example ' || field.example || '.';
  allowed := array['field', field.operator] || case when field.period = 'none' then '{}'::text[] else '{within_days}' end;
  if exists (select from jsonb_object_keys(condition) as named (key) where named.key <> all (allowed)) then
    perform private.refuse_filter(format('The condition on "%s" says more than it can.', field.field), example);
  end if;
  value := condition -> field.operator;
  if field.takes = 'texts' then
    if jsonb_typeof(value) <> 'array' or jsonb_array_length(value) not between 1 and 50 then
      perform private.refuse_filter(format('The condition on "%s" needs a list of 1 to 50 texts.', field.field), example);
    end if;
    if exists (
      select from jsonb_array_elements(value) as element (text)
      where jsonb_typeof(element.text) <> 'string' or char_length(element.text #>> '{}') not between 1 and 200
        or (element.text #>> '{}') !~ coalesce(field.form, '')
    ) then
      perform private.refuse_filter(format('The condition on "%s" names something that it cannot be.', field.field), example);
    end if;
  elsif not private.is_whole_number(value, field.most) then
    perform private.refuse_filter(format('The condition on "%s" needs a whole number from 1 to %s.', field.field, field.most), example);
  end if;
  if field.period = 'must' and not condition ? 'within_days' then
    perform private.refuse_filter(format('The condition on "%s" needs within_days.', field.field), example);
  end if;
  if condition ? 'within_days' and not private.is_whole_number(condition -> 'within_days', most_days) then
    perform private.refuse_filter(format('within_days of "%s" must be a whole number from 1 to %s.', field.field, most_days), example);
  end if;
end
$$;
comment on function private.check_condition(jsonb) is 'Refuses, in words, a condition that says what cannot be asked.';

create function private.check_group(filter jsonb, depth int) returns int
language plpgsql stable set search_path = ''
as $$
declare
  deepest constant int := 3;
  part jsonb;
  conditions int := 0;
begin
  if depth > deepest then
    perform private.refuse_filter(format('Groups of conditions may be nested %s deep.', deepest));
  end if;
  if jsonb_typeof(filter) is distinct from 'object' or not filter ?& '{match,conditions}' or filter - 'match' - 'conditions' <> '{}' then
    perform private.refuse_filter('A filter has "match" and "conditions", and nothing else.');
  end if;
  if coalesce(filter ->> 'match', '') not in ('all', 'any') then
    perform private.refuse_filter('"match" is "all" or "any".');
  end if;
  if jsonb_typeof(filter -> 'conditions') <> 'array' or jsonb_array_length(filter -> 'conditions') not between 1 and 30 then
    perform private.refuse_filter('"conditions" is a list of 1 to 30 conditions.');
  end if;
  for part in select element.value from jsonb_array_elements(filter -> 'conditions') as element loop
    if jsonb_typeof(part) <> 'object' then
      perform private.refuse_filter('A condition is an object.');
    elsif part ? 'conditions' then
      conditions := conditions + private.check_group(part, depth + 1);
    else
      perform private.check_condition(part);
      conditions := conditions + 1;
    end if;
  end loop;
  return conditions;
end
$$;
comment on function private.check_group(jsonb, int) is 'Refuses, in words, a group that is none; answers how many conditions are in it.';

create function private.check_filter(filter jsonb) returns void
language plpgsql stable set search_path = ''
as $$
begin
  -- Before anything walks through it.
  if filter is null or octet_length(filter::text) > 20000 then
    perform private.refuse_filter('A filter may have 20,000 characters.');
  end if;
  if private.check_group(filter, 1) > 30 then
    perform private.refuse_filter('A filter may have 30 conditions.', 'Several values of one field fit into one condition.');
  end if;
end
$$;
comment on function private.check_filter(jsonb) is 'Refuses, in words, a filter that segment_has could not answer. docs/segments.md has the grammar.';

create function private.condition_sql(condition jsonb) returns text
language plpgsql stable set search_path = ''
as $$
declare
  longest constant text := '36500';
  field constant private.segment_fields := private.find_segment_field(condition);
  value constant jsonb := condition -> field.operator;
begin
  return format(
    '(' || field.means || ')',
    -- 3.0 is a whole number too.
    case when field.takes = 'texts' then array(select jsonb_array_elements_text(value))::text else (value::numeric)::int::text end,
    coalesce(((condition -> 'within_days')::numeric)::int::text, longest)
  );
end
$$;
comment on function private.condition_sql(jsonb) is 'A checked condition as SQL about `company`. What a member typed stands in it as quoted literals alone.';

create function private.filter_sql(filter jsonb) returns text
language plpgsql stable set search_path = ''
as $$
begin
  if not filter ? 'conditions' then
    return private.condition_sql(filter) || ' is true';
  end if;
  return '(' || (
    select string_agg(private.filter_sql(part.value), case filter ->> 'match' when 'any' then ' or ' else ' and ' end order by part.ordinality)
    from jsonb_array_elements(filter -> 'conditions') with ordinality as part
  ) || ')';
end
$$;
comment on function private.filter_sql(jsonb) is 'A checked filter as SQL about `company`, a private.shown_company.';

create function private.holds(filter jsonb, company private.shown_company) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  answer boolean;
begin
  execute 'select ' || private.filter_sql(filter) || ' from (select ($1).*) as company' into answer using company;
  return answer;
end
$$;
comment on function private.holds(jsonb, private.shown_company) is 'Whether a filter, or one condition, holds for a company.';

create function private.segment_has(filter jsonb, account_id uuid, company_id uuid, at timestamptz default now()) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  company constant private.shown_company := private.find_shown_company(account_id, company_id, at);
begin
  return company.id is not null and private.holds(filter, company);
end
$$;
comment on function private.segment_has(jsonb, uuid, uuid, timestamptz) is
  'Whether a company is in a segment by its filter, at a moment, as its account sees it; one that is not shown never is.';

create function private.list_matching(filter jsonb, account_id uuid, at timestamptz default now()) returns setof private.shown_company
language plpgsql stable set search_path = ''
as $$
begin
  return query execute
    'select company.* from private.list_shown_companies($1, $2) as company where ' || private.filter_sql(filter)
    using list_matching.account_id, list_matching.at;
end
$$;
comment on function private.list_matching(jsonb, uuid, timestamptz) is 'An account''s companies for which a filter holds.';

create table public.segments (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  name text not null check (name = btrim(name) and char_length(name) between 1 and 80),
  filter jsonb not null,
  created_by uuid default auth.uid() references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  unique (account_id, id),
  constraint segments_name_is_unique unique (account_id, name)
);
create index segments_created_by_idx on public.segments (created_by);
comment on table public.segments is 'Companies an account is interested in, by what they are and do. Kept until deleted. At most 100 in an account.';
comment on column public.segments.filter is 'The conditions, as docs/segments.md has them; checked when it is written.';
comment on column public.segments.created_by is 'Set by the database: nobody writes one in another''s name.';

alter table public.segments enable row level security;
revoke all on public.segments from public, anon, authenticated, service_role;
grant select, delete on public.segments to authenticated;
grant insert (account_id, name, filter) on public.segments to authenticated;
grant update (name, filter) on public.segments to authenticated;

create policy "Members read their account's segments" on public.segments
  for select to authenticated using (account_id in (select private.account_ids()));
create policy "Owners, admins and members write segments" on public.segments
  for insert to authenticated with check (account_id in (select private.account_ids('{owner,admin,member}')));
create policy "Owners, admins and members change segments" on public.segments
  for update to authenticated
  using (account_id in (select private.account_ids('{owner,admin,member}')))
  with check (account_id in (select private.account_ids('{owner,admin,member}')));
create policy "Owners, admins and members delete segments" on public.segments
  for delete to authenticated using (account_id in (select private.account_ids('{owner,admin,member}')));

-- Before row-level security has refused a stranger it must tell them nothing of an account: its limit is looked at afterwards.
create function private.check_segment() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.check_filter(new.filter);
  return new;
end
$$;
comment on function private.check_segment() is 'Refuses, in words, a segment with a filter that cannot be asked.';

create function private.limit_segments() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  most constant int := 100;
begin
  perform pg_advisory_xact_lock(hashtextextended('segments ' || new.account_id::text, 0));
  if (select count(*) from public.segments as known where known.account_id = new.account_id) > most then
    raise sqlstate 'PT422' using message = format('You have %s segments already, which is the most.', most), hint = 'Delete one you no longer need.';
  end if;
  return null;
end
$$;
comment on function private.limit_segments() is 'Holds an account to its number of segments, for concurrent additions too.';

create trigger check_segment before insert or update of filter on public.segments for each row execute function private.check_segment();
create trigger limit_segments after insert on public.segments for each row execute function private.limit_segments();

create function public.list_segment_companies(segment_id uuid, page_size int default 50, page_offset int default 0)
returns table (
  company_id uuid, kind text, name text, domain text, industry text, country text, employee_range text, first_seen_at timestamptz,
  last_seen_at timestamptz, score int, total bigint
)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  segment public.segments;
begin
  select known.* into segment from public.segments as known
  where known.id = list_segment_companies.segment_id and known.account_id in (select private.account_ids());
  if not found then
    raise sqlstate 'PT404' using message = 'There is no such segment in your account.', hint = 'Reload the page: it may show something older.';
  end if;
  return query
  select
    page.id, page.kind, page.name, page.domain, page.industry, page.country, page.employee_range, page.first_seen_at, page.last_seen_at,
    private.score_of(page.member_ids, page.at), page.total
  from (
    select matching.*, count(*) over () as total from private.list_matching(segment.filter, segment.account_id) as matching
    order by matching.last_seen_at desc, matching.id
    limit least(greatest(list_segment_companies.page_size, 1), 200) offset greatest(list_segment_companies.page_offset, 0)
  ) as page
  order by page.last_seen_at desc, page.id;
end
$$;
comment on function public.list_segment_companies(uuid, int, int) is
  'The companies of a segment, the last seen first, with their score, for members of its account; total counts all pages of the list.';

create function public.count_filter_companies(account_id uuid, filter jsonb) returns int
language plpgsql stable security definer set search_path = ''
as $$
begin
  if account_id is null or account_id not in (select private.account_ids()) then
    raise sqlstate 'PT404' using message = 'There is no such account of yours.', hint = 'Sign in again.';
  end if;
  perform private.check_filter(filter);
  return (select count(*) from private.list_matching(filter, account_id));
end
$$;
comment on function public.count_filter_companies(uuid, jsonb) is
  'How many of an account''s companies a filter holds for, before it is kept; or an error in words, for its members.';

revoke execute on function private.refuse_filter(text, text) from public, anon, authenticated, service_role;
revoke execute on function private.is_whole_number(jsonb, int) from public, anon, authenticated, service_role;
revoke execute on function private.find_segment_field(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.check_condition(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.check_group(jsonb, int) from public, anon, authenticated, service_role;
revoke execute on function private.check_filter(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.condition_sql(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.filter_sql(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.holds(jsonb, private.shown_company) from public, anon, authenticated, service_role;
revoke execute on function private.segment_has(jsonb, uuid, uuid, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.list_matching(jsonb, uuid, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.check_segment() from public, anon, authenticated, service_role;
revoke execute on function private.limit_segments() from public, anon, authenticated, service_role;
revoke execute on function public.list_segment_companies(uuid, int, int) from public, anon, authenticated, service_role;
revoke execute on function public.count_filter_companies(uuid, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_segment_companies(uuid, int, int) to authenticated;
grant execute on function public.count_filter_companies(uuid, jsonb) to authenticated;
