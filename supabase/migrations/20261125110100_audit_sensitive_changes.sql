-- What the triggers tell never holds what a person typed about somebody, an address or a secret: names of accounts and sites, roles,
-- settings, and of secrets their last four characters.

create trigger audit_account after insert or update of name or delete on public.accounts
  for each row execute function audit.note_change('account', 'id', 'name');
create trigger audit_membership after insert or update of role or delete on public.memberships
  for each row execute function audit.note_change('membership', 'user_id', 'role');
create trigger audit_site after insert or delete on public.sites
  for each row execute function audit.note_change('site', 'id', 'name', 'time_zone', 'keeps_referrer_host', 'public_key');
create trigger audit_changed_site after update of name, time_zone, keeps_referrer_host, public_key on public.sites
  for each row execute function audit.note_change('site', 'id', 'name', 'time_zone', 'keeps_referrer_host', 'public_key');
create trigger audit_site_host after insert or delete on public.site_hosts
  for each row execute function audit.note_change('site_host', 'site_id', 'host');
create trigger audit_correction after insert or update of undone_at on public.corrections
  for each row execute function audit.note_change('correction', 'id', 'company_id', 'verdict', 'same_as_company_id', 'undone_at');
create trigger audit_excluded_network after insert or delete on public.excluded_networks
  for each row execute function audit.note_change('excluded_network', 'id');
create trigger audit_excluded_country after insert or delete on public.excluded_countries
  for each row execute function audit.note_change('excluded_country', 'country');
create trigger audit_site_secret after insert or update of revoked_at or delete on private.site_secrets
  for each row execute function audit.note_change('site_secret', 'id', 'site_id', 'ending', 'revoked_at');
create trigger audit_webhook_endpoint after insert or update of url, events, is_enabled or delete on public.webhook_endpoints
  for each row execute function audit.note_change('webhook', 'id', 'events', 'is_enabled');
create trigger audit_webhook_secret after insert on private.webhook_secrets
  for each row execute function audit.note_change('webhook_secret', 'endpoint_id');
create trigger audit_crm_connection after insert or update of place, pushes, pushes_contacts, is_paused, mapping or delete on public.crm_connections
  for each row execute function audit.note_change('crm', 'id', 'vendor', 'place', 'pushes', 'pushes_contacts', 'is_paused');
create trigger audit_chat_destination after insert or update of ending or delete on public.chat_destinations
  for each row execute function audit.note_change('chat', 'id', 'kind', 'ending');
create trigger audit_enrichment_settings after insert or update of companies, roles, seniorities, provider, most_contacts on public.enrichment_settings
  for each row execute function audit.note_change('enrichment', 'account_id', 'companies', 'roles', 'seniorities', 'provider', 'most_contacts');
