-- A segment that is deleted leaves a connection that pushes nothing by itself.
alter table public.crm_connections add constraint crm_connections_segment_fkey
  foreign key (account_id, segment_id) references public.segments (account_id, id) on delete set null (segment_id);
create index crm_connections_segment_idx on public.crm_connections (account_id, segment_id);
