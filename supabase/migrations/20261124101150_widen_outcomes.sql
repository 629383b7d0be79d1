alter table public.site_days drop constraint site_days_outcome_check;
alter table public.site_days add constraint site_days_outcome_check check (outcome in (
  'identified', 'carrier', 'hoster', 'relay', 'natural_person', 'reserved', 'unknown', 'bot', 'prefetch', 'opted_out',
  'excluded', 'corrected', 'company_opted_out'
));
comment on column public.site_days.outcome is
  'What became of them when they came: identified makes a page view; everything else is counted and not kept, because no company is behind it, '
  'it is no person''s page view, or it is not wanted. list_funnel says what it is under the corrections made since.';
