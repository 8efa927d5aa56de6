-- Leads, planned for 100 million rows. All personal data stands in lead_contact.

-- request_hash: SHA-256 of the parsed fields, to tell a repeat from a conflict.
-- payout_due: what the offer's rule promised when the lead came; payout and revenue: what the conversions say now.
-- changed_xid: the transaction of the last change; with changes below the oldest running transaction only,
-- a reader in its order misses nothing. seq counts the changes of status or money.
create table lead (
  lead_id      uuid primary key,
  number       bigint not null generated always as identity,
  webmaster_id uuid not null references webmaster,
  offer_id     uuid not null references offer,
  flow_id      uuid references flow,
  status       text not null default 'new',
  reason_code  smallint,
  reason       text,
  comment      text,                                -- the network's or an admin's word, not the person's
  country      text,
  external_id  text,
  click_id     text,
  goal         text,
  tags         jsonb not null default '{}',         -- sub1..sub12, utm_*, language
  price        numeric(18, 6),
  price_currency text,                              -- of price, as the caller gave it
  quantity     int,
  currency     text not null,                       -- of the payout
  payout_due   numeric(18, 6) not null default 0,
  payout       numeric(18, 6) not null default 0,
  revenue      numeric(18, 6) not null default 0,
  revenue_currency text,
  test         boolean not null default false,
  unrouted     boolean not null default false,      -- no route takes it; a sweep tries again when rules change
  seq          int not null default 0,
  request_hash bytea not null,
  created_at   timestamptz not null default now(),
  changed_at   timestamptz not null default now(),
  changed_xid  xid8 not null default pg_current_xact_id(),
  constraint lead_number_uq unique (number),
  constraint lead_status_ck check (status in ('new', 'pending', 'hold', 'approved', 'paid', 'rejected', 'trash'))
) with (fillfactor = 85);
create unique index lead_webmaster_external_uq on lead (webmaster_id, external_id) where external_id is not null;
create index lead_webmaster_changed_idx on lead (webmaster_id, changed_xid, lead_id);
create index lead_changed_idx on lead (changed_xid, lead_id);
create index lead_unrouted_idx on lead (offer_id, lead_id) where unrouted;
create index lead_click_idx on lead (click_id) where click_id is not null;

create table lead_contact (
  lead_id     uuid primary key references lead,
  name        text,
  first_name  text,
  last_name   text,
  phone       text,                                 -- E.164
  email       text,                                 -- lower case
  ip          inet,
  user_agent  text,
  referer     text,
  landing_url text,
  city        text,
  region      text,
  zip         text,
  address     text,
  comment     text,
  meta        jsonb not null default '{}',
  erased_at   timestamptz
);
create index lead_contact_phone_idx on lead_contact (phone) where phone is not null;
create index lead_contact_email_idx on lead_contact (email) where email is not null;

-- The timeline. source: intake, router, network, postback, poll, import, admin, system. No personal data in detail.
create table lead_event (
  event_id uuid not null,
  lead_id  uuid not null,
  at       timestamptz not null default now(),
  kind     text not null,
  source   text not null,
  actor    text,
  detail   jsonb not null default '{}',
  primary key (lead_id, at, event_id)
) partition by range (at);
create index lead_event_status_idx on lead_event (at) where kind = 'status';   -- approvals of a day
create table lead_event_default partition of lead_event default;
select ensure_partitions('lead_event', now());

-- What a request with this Idempotency-Key was answered with; kept for seven days.
create table idempotency_key (
  webmaster_id uuid not null,
  key          text not null,
  request_hash bytea not null,
  lead_id      uuid not null,
  created_at   timestamptz not null default now(),
  primary key (webmaster_id, key)
);
create index idempotency_key_created_idx on idempotency_key (created_at);
