create type private.shown_company as (
  id uuid, account_id uuid, kind text, name text, domain text, industry text, country text, employee_range text,
  first_seen_at timestamptz, last_seen_at timestamptz, member_ids uuid[], at timestamptz
);
comment on type private.shown_company is
  'A company as its account sees it under its corrections. member_ids: itself and those that count as it, whose visits are its own. at: the moment '
  'that questions about it are asked for.';

create function private.find_shown_company(account_id uuid, company_id uuid, at timestamptz default now()) returns private.shown_company
language plpgsql stable set search_path = ''
as $$
declare
  root_id constant uuid := private.root_of(company_id);
  found private.shown_company;
begin
  select
    root.id, root.account_id, root.kind, root.name, root.domain, root.industry, root.country, root.employee_range,
    members.first_seen_at, members.last_seen_at, members.ids, find_shown_company.at
  into found
  from public.companies as root
  cross join lateral (
    with recursive counted (id) as (
      select root.id
      union
      select merged.company_id
      from counted
      join public.corrections as merged
        on merged.account_id = root.account_id and merged.same_as_company_id = counted.id
        and merged.verdict = 'same_as' and merged.undone_at is null
    )
    select min(company.first_seen_at) as first_seen_at, max(company.last_seen_at) as last_seen_at, array_agg(company.id) as ids
    from counted join public.companies as company on company.id = counted.id
  ) as members
  where root.id = root_id and root.account_id = find_shown_company.account_id
    and not exists (
      select from public.corrections as hidden
      where hidden.company_id = root.id and hidden.verdict <> 'same_as' and hidden.undone_at is null
    );
  return found;
end
$$;
comment on function private.find_shown_company(uuid, uuid, timestamptz) is
  'A company as shown_companies shows it, or the one it counts as; all null if it is not shown, or is not the account''s. Costs as much as it has '
  'corrections, however many companies there are.';

create function private.list_shown_companies(account_id uuid, at timestamptz default now()) returns setof private.shown_company
language sql stable set search_path = ''
as $$
  select
    root.id, root.account_id, root.kind, root.name, root.domain, root.industry, root.country, root.employee_range,
    members.first_seen_at, members.last_seen_at, members.ids, list_shown_companies.at
  from (
    select
      label.shown_id, min(company.first_seen_at) as first_seen_at, max(company.last_seen_at) as last_seen_at, array_agg(company.id) as ids
    from public.shown_companies as label
    join public.companies as company on company.id = label.company_id
    where label.account_id = list_shown_companies.account_id and label.verdict is null
    group by label.shown_id
  ) as members
  join public.companies as root on root.id = members.shown_id
$$;
comment on function private.list_shown_companies(uuid, timestamptz) is 'All of an account''s companies as shown_companies shows them.';

create function private.visit_points(page_view_count int, days int) returns int
language sql immutable set search_path = ''
return round(
  100 * sqrt(least(greatest(page_view_count, 0), 100)::double precision) * power(0.5::double precision, greatest(days, 0) / 14.0::double precision)
)::int;
comment on function private.visit_points(int, int) is
  'What a visit adds to a score, in tenths of a point: 10 points times the root of its page views (of 100 at most), half as much every 14 days. '
  'The same as in lib/domain/score.py; docs/score.md explains it.';

create function private.saturated(tenths bigint) returns int
language sql immutable set search_path = ''
return ((200 * tenths + tenths + 500) / (2 * (tenths + 500)))::int;
comment on function private.saturated(bigint) is
  'The score, 0 to 100, that tenths of points come to: points / (points + 50), in per cent, rounded. Whole numbers, so that it is the same everywhere.';

create function private.list_visit_points(member_ids uuid[], at timestamptz)
returns table (visit_id uuid, site_id uuid, last_seen_at timestamptz, page_view_count int, days int, tenths int)
language sql stable set search_path = ''
as $$
  select visit.id, visit.site_id, visit.last_seen_at, visit.page_view_count, age.days, private.visit_points(visit.page_view_count, age.days)
  from public.visits as visit
  cross join lateral (
    select greatest(floor(extract(epoch from list_visit_points.at - visit.last_seen_at) / 86400), 0)::int as days
  ) as age
  where visit.company_id = any (list_visit_points.member_ids)
    -- After 154 days even the largest visit is worth less than half a tenth. None is longer than a day.
    and visit.started_at > list_visit_points.at - interval '156 days' and visit.started_at <= list_visit_points.at
$$;
comment on function private.list_visit_points(uuid[], timestamptz) is
  'The visits of a company and those that count as it, with what each adds to its score at a moment. days: whole ones since its last page.';

create function private.score_of(member_ids uuid[], at timestamptz) returns int
language sql stable set search_path = ''
as $$
  select private.saturated(coalesce(sum(visit.tenths), 0)) from private.list_visit_points(score_of.member_ids, score_of.at) as visit
$$;
comment on function private.score_of(uuid[], timestamptz) is 'The score that the visits of these companies come to, 0 to 100.';

create function private.company_score(account_id uuid, company_id uuid, at timestamptz default now()) returns int
language plpgsql stable set search_path = ''
as $$
declare
  company constant private.shown_company := private.find_shown_company(account_id, company_id, at);
begin
  return case when company.id is not null then private.score_of(company.member_ids, at) end;
end
$$;
comment on function private.company_score(uuid, uuid, timestamptz) is
  'How interested a company is, 0 to 100, as its account sees it at a moment; null for one that is not shown. See docs/score.md.';

create function public.explain_score(company_id uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  most_shown constant int := 10;
  owner_id uuid;
  company private.shown_company;
begin
  select known.account_id into owner_id from public.companies as known
  where known.id = explain_score.company_id and known.account_id in (select private.account_ids());
  company := private.find_shown_company(owner_id, explain_score.company_id, now());
  if company.id is null then
    return null;
  end if;
  return (
    with counted as (
      select visit.*, row_number() over (order by visit.last_seen_at desc, visit.visit_id) as place
      from private.list_visit_points(company.member_ids, company.at) as visit where visit.tenths > 0
    )
    select jsonb_build_object(
      'score', private.saturated(coalesce(sum(counted.tenths), 0)), 'points', coalesce(sum(counted.tenths), 0) / 10.0,
      'visits', coalesce(
        jsonb_agg(
          jsonb_build_object(
            'visit_id', counted.visit_id, 'site_id', counted.site_id, 'last_seen_at', counted.last_seen_at,
            'page_views', counted.page_view_count, 'days', counted.days, 'points', counted.tenths / 10.0
          ) order by counted.place
        ) filter (where counted.place <= most_shown),
        '[]'
      ),
      'others', count(*) filter (where counted.place > most_shown),
      'others_points', coalesce(sum(counted.tenths) filter (where counted.place > most_shown), 0) / 10.0
    )
    from counted
  );
end
$$;
comment on function public.explain_score(uuid) is
  'A company''s score with what it is made of, for members of its account, else null: the latest visits'' points, those of the others together, '
  'their sum, and what that comes to.';

revoke execute on function private.find_shown_company(uuid, uuid, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.list_shown_companies(uuid, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.visit_points(int, int) from public, anon, authenticated, service_role;
revoke execute on function private.saturated(bigint) from public, anon, authenticated, service_role;
revoke execute on function private.list_visit_points(uuid[], timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.score_of(uuid[], timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.company_score(uuid, uuid, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function public.explain_score(uuid) from public, anon, authenticated, service_role;
grant execute on function public.explain_score(uuid) to authenticated;
