insert into private.listeners values ('enrichment');

create function private.was_asked_lately(company_id uuid) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from private.enrichment_requests as request
    where request.company_id = was_asked_lately.company_id and (request.ended_at is null or request.asked_at > now() - interval '30 days')
  )
$$;
comment on function private.was_asked_lately(uuid) is 'Whether a company''s contacts are being looked for, or were within 30 days.';

create function private.enrichment_hear(event private.events) returns void
language plpgsql set search_path = ''
as $$
declare
  company public.companies;
  filter jsonb;
begin
  if event.kind not in ('company.identified', 'company.returned') then
    return;
  end if;
  select segment.filter into filter
  from public.enrichment_settings as chosen
  join public.segments as segment on segment.account_id = chosen.account_id and segment.id = chosen.segment_id
  where chosen.account_id = event.account_id and chosen.companies = 'segment';
  -- Of companies that are one by correction, the one they are shown as.
  select shown.* into company from public.companies as shown where shown.id = private.root_of(event.company_id);
  if filter is null or company.id is null or not private.is_enrichable(company) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('enrichment ' || company.id::text, 0));
  if not private.was_asked_lately(company.id) and private.segment_has(filter, company.account_id, company.id) then
    -- Without a credit left there is none; the next visit in another month asks again.
    perform private.ask_for_contacts(company, null);
  end if;
end
$$;
comment on function private.enrichment_hear(private.events) is
  'A company visits that is in the segment whose contacts an account wants: they are asked for, once in 30 days and while there are credits.';

create function private.listen_for_enrichment() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    perform private.listen(old.account_id, 'enrichment', false);
    return null;
  end if;
  perform private.listen(new.account_id, 'enrichment', new.companies = 'segment' and new.segment_id is not null);
  return null;
end
$$;
comment on function private.listen_for_enrichment() is 'Events are written for accounts that look for contacts by a segment, and not for others.';
create trigger listen_for_enrichment after insert or update or delete on public.enrichment_settings
  for each row execute function private.listen_for_enrichment();

revoke execute on function private.was_asked_lately(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.enrichment_hear(private.events) from public, anon, authenticated, service_role;
revoke execute on function private.listen_for_enrichment() from public, anon, authenticated, service_role;
