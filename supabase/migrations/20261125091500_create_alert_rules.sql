create table public.alert_rules (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null,
  user_id uuid not null default auth.uid(),
  name text not null constraint alert_rules_name_is_short check (name = btrim(name) and char_length(name) between 1 and 80),
  about text not null check (about in ('every', 'segment', 'followed')),
  segment_id uuid,
  kinds text[] not null default '{identified,returned}'
    constraint alert_rules_name_kinds_of_visits check (kinds <@ '{identified,returned}' and cardinality(kinds) between 1 and 2),
  only_on_change boolean not null default false,
  channel text not null check (channel in ('mail', 'slack', 'teams', 'webhook')),
  chat_destination_id uuid,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  unique (account_id, id),
  foreign key (account_id, user_id) references public.memberships (account_id, user_id) on delete cascade,
  foreign key (account_id, segment_id) references public.segments (account_id, id) on delete cascade,
  foreign key (account_id, chat_destination_id) references public.chat_destinations (account_id, id) on delete cascade,
  constraint alert_rules_name_a_segment_if_about_one check ((about = 'segment') = (segment_id is not null)),
  constraint alert_rules_know_changes_of_segments_alone check (about = 'segment' or not only_on_change),
  constraint alert_rules_name_a_channel_if_for_chat check ((channel in ('slack', 'teams')) = (chat_destination_id is not null)),
  constraint alert_rules_post_segments_alone_to_webhooks check (about = 'segment' or channel <> 'webhook')
);
create index alert_rules_user_idx on public.alert_rules (account_id, user_id);
create index alert_rules_segment_idx on public.alert_rules (account_id, segment_id);
create index alert_rules_chat_destination_idx on public.alert_rules (account_id, chat_destination_id);
comment on table public.alert_rules is
  'Of which visits a member wants to hear at once, and how. Kept until deleted, or the member, segment or chat channel is gone. At most 50 of a '
  'member.';
comment on column public.alert_rules.user_id is 'Whose rule it is, and whose daily number it counts towards. Set by the database.';
comment on column public.alert_rules.about is 'Which companies: every one, those of a segment, or those the member follows.';
comment on column public.alert_rules.kinds is 'identified: a company''s first visit; returned: any other.';
comment on column public.alert_rules.only_on_change is 'Tell of a company when it comes to be in the segment, not at each visit while it is.';
comment on column public.alert_rules.channel is 'webhook: as the event segment.matched, to the account''s webhooks.';
comment on column public.alert_rules.enabled is 'Muted if not.';

create table private.held_alerts (
  rule_id uuid not null references public.alert_rules (id) on delete cascade,
  visit_id uuid not null,
  account_id uuid not null,
  user_id uuid not null,
  company_id uuid not null,
  site_id uuid not null,
  reason text not null check (reason in ('over_budget', 'chat_broken')),
  held_at timestamptz not null default now(),
  primary key (rule_id, visit_id),
  foreign key (account_id, user_id) references public.memberships (account_id, user_id) on delete cascade,
  foreign key (account_id, visit_id) references public.visits (account_id, id) on delete cascade,
  foreign key (account_id, company_id) references public.companies (account_id, id) on delete cascade
);
create index held_alerts_user_idx on private.held_alerts (account_id, user_id, held_at);
create index held_alerts_visit_idx on private.held_alerts (account_id, visit_id);
create index held_alerts_company_idx on private.held_alerts (account_id, company_id);
comment on table private.held_alerts is
  'Alerts that were not sent: the day''s number was used up, or the chat channel takes none. The member''s next digest tells of them. Kept for 60 days.';
comment on column private.held_alerts.held_at is 'When the alert would have been sent. A digest tells of those since the one before.';

create table private.sent_alerts (
  rule_id uuid not null references public.alert_rules (id) on delete cascade,
  visit_id uuid not null,
  account_id uuid not null,
  user_id uuid not null,
  due_at timestamptz not null,
  primary key (rule_id, visit_id),
  foreign key (account_id, user_id) references public.memberships (account_id, user_id) on delete cascade,
  foreign key (account_id, visit_id) references public.visits (account_id, id) on delete cascade
);
create index sent_alerts_user_idx on private.sent_alerts (account_id, user_id, due_at);
create index sent_alerts_visit_idx on private.sent_alerts (account_id, visit_id);
comment on table private.sent_alerts is
  'Alerts that went into the outbox: so that a rule tells of a visit once, and a day''s number is kept. Kept for 60 days.';
comment on column private.sent_alerts.due_at is 'When it was to leave: at once, or when the member''s quiet hours ended. It counts for that day.';

revoke all on private.held_alerts, private.sent_alerts from public, anon, authenticated, service_role;
alter table public.alert_rules enable row level security;
revoke all on public.alert_rules from public, anon, authenticated, service_role;
grant select, delete on public.alert_rules to authenticated;
grant insert (account_id, name, about, segment_id, kinds, only_on_change, channel, chat_destination_id, enabled) on public.alert_rules to authenticated;
grant update (name, about, segment_id, kinds, only_on_change, channel, chat_destination_id, enabled) on public.alert_rules to authenticated;

create policy "Members read their own alert rules" on public.alert_rules
  for select to authenticated using (user_id = (select auth.uid()));
-- What leaves the account, to a chat channel or a webhook, is for those who work with visits; a mail goes to the member alone.
create policy "Members write their own alert rules" on public.alert_rules
  for insert to authenticated with check (
    user_id = (select auth.uid()) and account_id in (select private.account_ids())
    and (channel = 'mail' or account_id in (select private.account_ids('{owner,admin,member}')))
  );
create policy "Members change their own alert rules" on public.alert_rules
  for update to authenticated
  using (user_id = (select auth.uid()))
  with check (
    user_id = (select auth.uid()) and account_id in (select private.account_ids())
    and (channel = 'mail' or account_id in (select private.account_ids('{owner,admin,member}')))
  );
create policy "Members delete their own alert rules" on public.alert_rules
  for delete to authenticated using (user_id = (select auth.uid()));

create function private.purge_alerts() returns int
language plpgsql set search_path = ''
as $$
declare
  held int;
  sent int;
begin
  delete from private.held_alerts as old where old.ctid in (
    select known.ctid from private.held_alerts as known where known.held_at < now() - interval '60 days' limit 5000
  );
  get diagnostics held = row_count;
  delete from private.sent_alerts as old where old.ctid in (
    select known.ctid from private.sent_alerts as known where known.due_at < now() - interval '60 days' limit 5000
  );
  get diagnostics sent = row_count;
  return held + sent;
end
$$;
comment on function private.purge_alerts() is 'Deletes what is kept of alerts of more than 60 days ago.';
revoke execute on function private.purge_alerts() from public, anon, authenticated, service_role;
insert into private.chores values ('alerts');
