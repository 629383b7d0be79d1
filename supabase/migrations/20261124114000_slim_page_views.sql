-- A page view is written for every page of every identified visitor: whatever it carries without need is paid millions of times.
alter table public.page_views drop constraint page_views_account_id_site_id_fkey;
alter table public.page_views drop column id;
alter table public.page_views drop constraint page_views_site_id_beacon_id_key;
alter table public.page_views add primary key (site_id, beacon_id);
drop index public.page_views_account_id_idx;
comment on column public.page_views.site_id is 'The visit''s own site: a page view goes with its visit, which goes with its site.';

-- Receipts are gone within the hour, whether their site is or not.
alter table private.beacon_receipts drop constraint beacon_receipts_site_id_fkey;
comment on table private.beacon_receipts is
  'The random numbers of beacons that were counted but not kept: a retry is not counted twice. For one hour, or while a server may still tell '
  'of what it saw, a day.';
comment on column private.beacon_receipts.received_at is 'It is forgotten an hour later. Ahead of the clock where it is kept for longer.';
