create table private.role_words (word text primary key check (char_length(word) between 1 and 40));
comment on table private.role_words is
  'What a contact''s role may be made of: positions, areas, and what joins them. No name, place or number is among them. '
  'lib/domain/role_words.py has the same.';
insert into private.role_words
select * from regexp_split_to_table(
  '& AI APAC AVP Abteilungsleiter Abteilungsleiterin Account Accountant Accounting Accounts Achats Acheteur Acheteuse Acquisition '
  || 'Acquisitions Acquisti Acting Adjoint Adjointe Administration Administrative Administrator Adviser Advisor Affairs Agent Alliances '
  || 'Amministratore Analyst Analytics Architect Artificial Assistant Assistentin Assistenz Associate Assurance Attorney Audit Auditor '
  || 'Automation Back Backend Bereichsleiter Bereichsleiterin Beschaffung Bestuurder Betriebsleiter Betriebsleiterin Billing Board Brand '
  || 'Buchhaltung Business Buyer CDO CEO CFO CHRO CIO CISO CMO COO CPO CRO CSO CTO Campaign Care Category Central Chain Chair Chairman '
  || 'Chairperson Chairwoman Change Channel Channels Chef Cheffe Chief Clerk Client Clients Clinical Cloud Co-Founder Commerce Commercial '
  || 'Commerciale Communication Communications Community Compliance Comprador Compradora Compras Construction Consultant Consumer Content '
  || 'Control Controller Controllers Controlling Coordinator Corporate Counsel Creative Credit Culture Customer Customers Cyber Cybersecurity '
  || 'DACH Data Datenschutz Datenschutzbeauftragte Datenschutzbeauftragter Delegato Demand Deputy Desarrollo Design Designer DevOps Developer '
  || 'Development Digital Digitalisation Digitalization Directeur Direction Director Directora Directors Directrice Direttore Direttrice '
  || 'Distribution Développement E-Commerce EMEA EVP Eastern Ecommerce Editor Education Einkauf Einkaufsleiter Einkaufsleiterin '
  || 'Einkaufsleitung Einkäufer Einkäuferin Electrical End Energy Engineer Engineering Entwicklung Entwicklungsleiter Environment '
  || 'Environmental Estate Europe European Evangelist Event Events Executive Experience Expert Export Facilities Facility Field Finance '
  || 'Financial Financier Financiera Financiero Financière Finanzen Finanziario Finanzleiter Finanzleiterin Fleet Forschung Founder Founding '
  || 'Front Frontend Full Fundraising General Generation Gerente Geschäftsbereichsleiter Geschäftsführer Geschäftsführerin Geschäftsführung '
  || 'Geschäftsleiter Geschäftsleitung Gesellschafter Global Government Group Growth Gruppenleiter Gruppenleiterin Général Générale Gérant '
  || 'Gérante HR Hardware Head Heads Health Hoofd Humaines Human Humanos ICT IT IT-Leiter IT-Leiterin IT-Leitung Import Industrial Informatik '
  || 'Information Informatique Infrastructure Inhaber Inhaberin Inkoop Inkoper Innovation Inside Insurance Intelligence Interim Intern '
  || 'International Inventory Investment Investments Investor Jefa Jefe Jr Junior Juridique Kaufmännische Kaufmännischer Key Kundenservice '
  || 'LATAM Lab Laboratory Law Lawyer Lead Leader Leadership Leading Learning Legal Leitender Leiter Leiterin Leitung Local Logistics '
  || 'Logistik Logistikleiter Logistikleiterin Logistique Machine Maintenance Management Manager Managing Manufacturing Marketing '
  || 'Marketingleiter Marketingleiterin Marketingleitung Master Material Materials Mechanical Media Medical Member Mergers Mobile National '
  || 'Network Networks Northern Office Officer Online Operational Operations Operator Owner Paralegal Partner Partners Partnership '
  || 'Partnerships Payroll People Performance Personal Personalleiter Personalleiterin Personalleitung Personalwesen Planner Plant Platform '
  || 'Portfolio Pre-Sales Presales President Press Pricing Principal Privacy Process Processes Procurement Producer Product Production '
  || 'Products Produktion Produktionsleiter Produktionsleiterin Program Programme Programs Project Projects Projektleiter Projektleiterin '
  || 'Projektmanager Projektmanagerin Projet Projets Prokurist Prokuristin Property Protection Président Présidente Public Publishing '
  || 'Purchaser Purchasing Quality Qualität Qualitätsmanagement Qualité R&D Real Rechnungswesen Recht Recruiter Recruiting Recruitment '
  || 'Recursos Referent Referentin Regional Regulatory Relations Relationship Representative Research Researcher Resource Resources '
  || 'Responsable Ressources Retail Revenue Risk Risorse SVP Sachbearbeiter Sachbearbeiterin Safety Sales Scientific Scientist Scrum '
  || 'Secretary Security Senior Service Services Site Social Software Solution Solutions Sourcing Southern Specialist Sr Stack Strategic '
  || 'Strategist Strategy Student Success Supervisor Supervisory Supply Support Sustainability System Systems Systèmes Talent Tax Team '
  || 'Teamleiter Teamleiterin Teamleitung Teams Technical Technician Technik Technique Technische Technischer Technologies Technology Test '
  || 'Testing Trade Trainee Trainer Training Transformation Transport Treasurer Treasury UI UX Umane Unternehmenskommunikation User VP '
  || 'Vendite Ventas Ventes Verkauf Verkaufsleiter Verkaufsleiterin Verkoop Vertrieb Vertriebsleiter Vertriebsleiterin Vertriebsleitung Vice '
  || 'Vorstand Vorstandsmitglied Vorstandsvorsitzende Vorstandsvorsitzender Vorständin Warehouse Web Werkleiter Werksleiter Western Wholesale '
  || 'Working Zakelijk and de del della des di du en et for für la le of the und van y'
 , ' ');

create table private.free_mail_domains (domain text primary key check (domain = lower(domain)));
comment on table private.free_mail_domains is
  'Domains that give anybody a mailbox and that the company-IP table knows as a company''s: an address there is nobody''s work address. All others are '
  'refused because they are not the company''s domain. A test holds it to the table.';
insert into private.free_mail_domains
select * from regexp_split_to_table(
  'acm.org docomo.ne.jp eurosport.com globo.com ieee.org interia.pl looksmart.com mynet.com nus.edu.sg pochta.ru rambler.ru rediff.com '
  || 'saudia.com seznam.cz walla.co.il wp.pl yahoo.co.jp yahoo.com yandex.ru za.com zoho.com'
 , ' ');

create table private.suppression_pepper (pepper bytea not null check (length(pepper) = 32));
create unique index suppression_pepper_one_row_idx on private.suppression_pepper ((true));
comment on table private.suppression_pepper is
  'What is hashed together with an address, drawn for this database: nobody without it can find out which addresses are suppressed by trying some.';
-- Three random UUIDs are 366 bits of the server's strong generator.
insert into private.suppression_pepper
select sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8'));

create table private.contact_suppressions (
  hash bytea primary key check (length(hash) = 32),
  created_at timestamptz not null default now()
);
comment on table private.contact_suppressions is
  'Whose address or LinkedIn handle must never be kept again, because they objected (Art. 21 GDPR): a hash with this database''s pepper. Kept for good.';

create function private.suppression_hash(kind text, value text) returns bytea
language sql stable set search_path = ''
as $$
  select sha256(known.pepper || convert_to(kind || ' ' || lower(value), 'UTF8')) from private.suppression_pepper as known
$$;
comment on function private.suppression_hash(text, text) is 'The hash of a mail address (kind mail) or a handle (kind linkedin).';

create function private.is_suppressed(work_email text, linkedin_handle text) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from private.contact_suppressions as known
    where known.hash in (private.suppression_hash('mail', work_email), private.suppression_hash('linkedin', linkedin_handle))
  )
$$;
comment on function private.is_suppressed(text, text) is 'Whether the person with this address or handle has objected.';

create table public.contacts (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  company_id uuid not null,
  company_domain text constraint contacts_company_domain_is_lower_case check (company_domain = lower(company_domain)),
  role text constraint contacts_role_is_words check (
    -- Letters of Latin, Greek and Cyrillic, one space at a time: no digit, no @, no dot.
    role ~ '^[A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u024F\u0370-\u04FF&-]+( [A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u024F\u0370-\u04FF&-]+)*$'
    and char_length(role) <= 80
  ),
  seniority text constraint contacts_seniority_is_known check (seniority in ('junior', 'senior', 'executive')),
  work_email text constraint contacts_work_email_is_plain check (
    work_email ~ '^[a-z0-9]+([._-][a-z0-9]+)*@[a-z0-9-]+(\.[a-z0-9-]+)+$' and char_length(work_email) <= 254
    and split_part(work_email, '@', 1) ~ '[a-z]'
    -- As many digits as a phone number has are none of a name.
    and char_length(regexp_replace(split_part(work_email, '@', 1), '[^0-9]', '', 'g')) <= 6
  ),
  is_shared_mailbox boolean not null generated always as (
    coalesce(split_part(work_email, '@', 1) in (
      'info', 'contact', 'kontakt', 'hello', 'hallo', 'office', 'mail', 'post', 'sales', 'vertrieb', 'verkauf', 'marketing', 'service', 'support',
      'einkauf', 'purchasing', 'procurement', 'press', 'presse', 'media', 'hr', 'jobs', 'karriere', 'career', 'careers', 'personal', 'team', 'it',
      'finance', 'accounting', 'buchhaltung', 'invoice', 'rechnung', 'legal', 'datenschutz', 'privacy', 'dpo', 'admin', 'welcome', 'enquiries'
    ), false)
  ) stored,
  linkedin_handle text constraint contacts_handle_is_one check (
    linkedin_handle ~ '^[a-z0-9-]{3,100}$' and linkedin_handle ~ '[a-z]'
    and char_length(regexp_replace(linkedin_handle, '[^0-9]', '', 'g')) <= 9
  ),
  source text not null check (source in ('hunter', 'dropcontact', 'import')),
  lawful_basis text not null default 'legitimate interest, Art. 6(1)(f)' check (lawful_basis in ('legitimate interest, Art. 6(1)(f)')),
  found_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '365 days',
  objection_token text not null unique default rtrim(
    translate(encode(sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8')), 'base64'), '+/', '-_'), '='
  ) check (objection_token ~ '^[A-Za-z0-9_-]{43}$'),
  foreign key (account_id, company_id) references public.companies (account_id, id) on delete cascade,
  constraint contacts_are_reachable check (work_email is not null or linkedin_handle is not null),
  constraint contacts_mail_is_the_companys check (
    work_email is null or (
      company_domain is not null and (
        split_part(work_email, '@', 2) = company_domain
        or right(split_part(work_email, '@', 2), char_length(company_domain) + 1) = '.' || company_domain
      )
    )
  ),
  constraint contacts_expire_within_a_year check (expires_at > found_at and expires_at <= found_at + interval '366 days'),
  unique (account_id, company_id, work_email),
  unique (account_id, company_id, linkedin_handle)
);
create index contacts_expires_at_idx on public.contacts (expires_at);
create index contacts_work_email_idx on public.contacts (work_email);
create index contacts_linkedin_handle_idx on public.contacts (linkedin_handle);
comment on table public.contacts is
  'Whom to speak to at a company: a role, a work address at the company''s own domain, a LinkedIn handle, and where they come from. Nothing '
  'else of a person has a place here: no name, phone number or private address. Kept for at most a year, and until the person objects; read by '
  'functions that record it.';
comment on column public.contacts.company_domain is 'The company''s domain when the contact was kept, set by the database.';
comment on column public.contacts.role is 'Out of the words of private.role_words alone.';
comment on column public.contacts.work_email is 'At the company''s domain or below it, without what follows a plus.';
comment on column public.contacts.is_shared_mailbox is 'Whether the address is a department''s, such as info@, and no person''s.';
comment on column public.contacts.source is 'The provider it was found with, or import: a member of the account brought it.';
comment on column public.contacts.objection_token is
  'Whoever has it may object for the person: it is in the link that a first message must carry. Its 256 bits cannot be guessed.';

alter table public.contacts enable row level security;
-- No policy and no grant: each view leaves a record, so that contacts are read and written by functions alone.
revoke all on public.contacts from public, anon, authenticated, service_role;

create function private.check_contact() returns trigger
language plpgsql set search_path = ''
as $$
declare
  role_word text;
begin
  select lower(company.domain) into new.company_domain from public.companies as company
  where company.account_id = new.account_id and company.id = new.company_id;
  if new.work_email is not null and exists (
    select from private.free_mail_domains as free
    where split_part(new.work_email, '@', 2) = free.domain
      or right(split_part(new.work_email, '@', 2), char_length(free.domain) + 1) = '.' || free.domain
  ) then
    raise sqlstate 'PT422' using message = 'Anybody can have a mailbox at this domain: it is no work address.';
  end if;
  foreach role_word in array coalesce(string_to_array(new.role, ' '), '{}') loop
    if not exists (select from private.role_words as known where known.word = role_word) then
      raise sqlstate 'PT422' using message = 'A role is made of words for positions and areas alone.';
    end if;
  end loop;
  if exists (
    select from public.companies as company join private.opt_outs as opted_out on opted_out.company_key = company.company_key
    where company.id = new.company_id
  ) then
    raise sqlstate 'PT409' using message = 'This company asked to be left alone: nobody of it must be kept.';
  end if;
  if new.found_at > now() + interval '1 hour' then
    raise sqlstate 'PT422' using message = 'A contact is not found in the future.';
  end if;
  -- Whoever objects at this moment waits for us, or we for them: see private.suppress_contact.
  perform pg_advisory_xact_lock_shared(hashtextextended('contact_suppressions', 0));
  if private.is_suppressed(new.work_email, new.linkedin_handle) then
    raise sqlstate 'PT409' using message = 'This person has objected: the contact must not be kept.';
  end if;
  return new;
end
$$;
comment on function private.check_contact() is
  'Holds a contact to the company''s domain and to words for roles, and refuses whoever has objected or whose company opted out. Holds for every '
  'role, whatever writes.';
create trigger check_contact before insert or update on public.contacts for each row execute function private.check_contact();
-- Also where a session asks for triggers to be left out, as a restore does.
alter table public.contacts enable always trigger check_contact;

create table public.contact_accesses (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  actor uuid,
  action text not null check (action in ('viewed', 'exported', 'enriched', 'imported', 'deleted', 'objected')),
  company_id uuid,
  contacts int not null check (contacts > 0),
  at timestamptz not null default now()
);
create index contact_accesses_account_id_idx on public.contact_accesses (account_id, at desc);
comment on table public.contact_accesses is
  'Each time contacts were viewed, exported, found, imported, deleted or objected to: who, how many, when. Names no contact. Never changed; '
  'kept with the account.';
comment on column public.contact_accesses.actor is 'The user''s id, kept when the user is gone. Empty where the product did it, or the person concerned.';
comment on column public.contact_accesses.company_id is 'Of which company the contacts were. Kept when the company is gone, so it refers to nothing.';
alter table public.contact_accesses enable row level security;
revoke all on public.contact_accesses from public, anon, authenticated, service_role;

create function private.hold_contact_accesses() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op = 'DELETE' and not exists (select from public.accounts where id = old.account_id) then
    return old;
  end if;
  raise sqlstate 'PT403' using message = 'contact_accesses is a record of what happened: it is added to, never changed.';
end
$$;
comment on function private.hold_contact_accesses() is 'Lets the record go with its whole account alone. Holds for every role.';
create trigger hold_contact_accesses before update or delete on public.contact_accesses
  for each row execute function private.hold_contact_accesses();
create trigger hold_all_contact_accesses before truncate on public.contact_accesses
  for each statement execute function private.hold_contact_accesses();
alter table public.contact_accesses enable always trigger hold_contact_accesses;
alter table public.contact_accesses enable always trigger hold_all_contact_accesses;

create function private.note_contact_access(account_id uuid, action text, company_id uuid, contacts int, actor uuid default null) returns void
language sql set search_path = ''
as $$
  insert into public.contact_accesses (account_id, action, company_id, contacts, actor)
  select note_contact_access.account_id, note_contact_access.action, note_contact_access.company_id, note_contact_access.contacts,
    note_contact_access.actor
  where note_contact_access.contacts > 0
$$;
comment on function private.note_contact_access(uuid, text, uuid, int, uuid) is 'Writes down that contacts were used; nothing where there were none.';

create function private.add_contact(account_id uuid, company_id uuid, source text, contact jsonb) returns text
language plpgsql set search_path = ''
as $$
declare
  known_id uuid;
begin
  if private.is_suppressed(contact ->> 'work_email', contact ->> 'linkedin_handle') then
    return 'suppressed';
  end if;
  select known.id into known_id from public.contacts as known
  where known.account_id = add_contact.account_id and known.company_id = add_contact.company_id
    and (known.work_email = contact ->> 'work_email' or known.linkedin_handle = contact ->> 'linkedin_handle')
  order by known.work_email = contact ->> 'work_email' desc nulls last limit 1;
  if known_id is not null then
    update public.contacts as known set
      role = coalesce(contact ->> 'role', known.role), seniority = coalesce(contact ->> 'seniority', known.seniority),
      work_email = coalesce(known.work_email, contact ->> 'work_email'),
      linkedin_handle = coalesce(known.linkedin_handle, contact ->> 'linkedin_handle'),
      source = add_contact.source, found_at = now(), expires_at = now() + interval '365 days'
    where known.id = known_id;
    return 'known';
  end if;
  insert into public.contacts (account_id, company_id, source, role, seniority, work_email, linkedin_handle)
  values (
    add_contact.account_id, add_contact.company_id, add_contact.source, contact ->> 'role', contact ->> 'seniority', contact ->> 'work_email',
    contact ->> 'linkedin_handle'
  );
  return 'added';
exception
  when sqlstate 'PT409' then
    return 'suppressed';
  when unique_violation then
    return 'known';
  when check_violation or not_null_violation or sqlstate 'PT422' or untranslatable_character or string_data_right_truncation then
    return 'refused';
end
$$;
comment on function private.add_contact(uuid, uuid, text, jsonb) is
  'Keeps a contact {role, seniority, work_email, linkedin_handle}, or refreshes one with the same address or handle: added, known, suppressed (they '
  'objected, or their company opted out), or refused (it may not be kept). Other keys are not looked at.';

revoke all on private.role_words, private.free_mail_domains, private.suppression_pepper, private.contact_suppressions
  from public, anon, authenticated, service_role;
revoke execute on function private.suppression_hash(text, text) from public, anon, authenticated, service_role;
revoke execute on function private.is_suppressed(text, text) from public, anon, authenticated, service_role;
revoke execute on function private.check_contact() from public, anon, authenticated, service_role;
revoke execute on function private.hold_contact_accesses() from public, anon, authenticated, service_role;
revoke execute on function private.note_contact_access(uuid, text, uuid, int, uuid) from public, anon, authenticated, service_role;
revoke execute on function private.add_contact(uuid, uuid, text, jsonb) from public, anon, authenticated, service_role;
