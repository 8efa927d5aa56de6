-- What is promoted (offer), by whom (flow), where it goes (network, route) and who is told (postback).
-- All of it is small, read as one snapshot by every process, and versioned as a whole.

-- One row, raised by the triggers below in the transaction of each change: a process that sees
-- another version than its own reloads the snapshot.
create table rules_version (
  only_row boolean primary key default true check (only_row),
  version  bigint not null default 1
);
insert into rules_version default values;

create function bump_rules_version() returns trigger language plpgsql as $$
begin
  update rules_version set version = version + 1;
  perform pg_notify('rules', '');
  return null;
end $$;

create table offer (
  offer_id        uuid primary key,
  number          bigint not null generated always as identity,
  slug            text not null,
  name            text not null,
  countries       text[] not null default '{}',     -- empty: all
  params          jsonb not null default '{}',
  payout          numeric(18, 6),
  revenue         numeric(18, 6),
  currency        text not null default 'USD',
  goals           jsonb not null default '[]',
  duplicates      jsonb,
  required_fields text[] not null default '{phone}',
  enabled         boolean not null default true,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  constraint offer_number_uq unique (number),
  constraint offer_slug_uq unique (slug)
);

create table flow (
  flow_id      uuid primary key,
  number       bigint not null generated always as identity,
  code         text not null,
  webmaster_id uuid not null references webmaster,
  offer_id     uuid not null references offer,
  params       jsonb not null default '{}',
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  archived_at  timestamptz,
  constraint flow_number_uq unique (number),
  constraint flow_code_uq unique (code)
);

-- settings are open, secrets is one sealed JSON object; the postback secret is found by its hash
-- and shown again from its sealed form. settings_version counts the changes of what is sent.
create table network (
  network_id           uuid primary key,
  number               bigint not null generated always as identity,
  slug                 text not null,
  name                 text not null,
  integration          text not null,
  settings             jsonb not null default '{}',
  secrets              bytea,
  params               jsonb not null default '{}',
  status_map           jsonb not null default '{}',
  enabled              boolean not null default true,
  timeout_seconds      int not null default 30,
  per_second           double precision,
  concurrency          int not null default 16,
  postback_secret_hash bytea not null,
  postback_secret      bytea not null,
  settings_version     int not null default 1,
  last_poll_at         timestamptz,
  last_inbound_at      timestamptz,
  created_at           timestamptz not null default now(),
  updated_at           timestamptz not null default now(),
  archived_at          timestamptz,
  constraint network_number_uq unique (number),
  constraint network_slug_uq unique (slug),
  constraint network_postback_secret_hash_uq unique (postback_secret_hash),
  constraint network_timeout_ck check (timeout_seconds between 1 and 120),
  constraint network_concurrency_ck check (concurrency between 1 and 1000),
  constraint network_per_second_ck check (per_second > 0)
);

alter table token add constraint token_network_fk foreign key (network_id) references network;
alter table token add constraint token_offer_fk foreign key (offer_id) references offer;

create table route (
  route_id       uuid primary key,
  offer_id       uuid not null references offer,
  network_id     uuid not null references network,
  position       int not null default 1,
  weight         int not null default 1,
  countries      text[] not null default '{}',
  webmasters     uuid[] not null default '{}',
  schedule       jsonb,
  timezone       text not null default 'UTC',
  on_refused     text not null default 'next',
  max_age_hours  int not null default 24,
  trigger_status text,
  enabled        boolean not null default true,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  archived_at    timestamptz,
  constraint route_weight_ck check (weight >= 0),
  constraint route_on_refused_ck check (on_refused in ('next', 'stop')),
  constraint route_max_age_ck check (max_age_hours between 1 and 8760)
);
create index route_offer_idx on route (offer_id, position) where archived_at is null;

create table cap (
  cap_id   uuid primary key,
  route_id uuid not null references route,
  period   text not null,
  max      int not null,
  counts   text not null default 'accepted',
  constraint cap_period_ck check (period in ('hour', 'day', 'week', 'month', 'total')),
  constraint cap_max_ck check (max >= 0),
  constraint cap_counts_ck check (counts in ('accepted', 'approved')),
  constraint cap_route_period_counts_uq unique (route_id, period, counts)
);

-- A URL of a webmaster that is called on status changes. secrets: sealed, newest first.
create table postback (
  postback_id  uuid primary key,
  webmaster_id uuid references webmaster,          -- null: an admin's postback for all webmasters
  flow_id      uuid references flow,
  offer_id     uuid references offer,
  url          text not null,
  method       text not null default 'GET',
  body         text,
  statuses     text[] not null,
  kind         text not null default 'main',
  secret       bytea,
  enabled      boolean not null default true,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  archived_at  timestamptz,
  constraint postback_method_ck check (method in ('GET', 'POST')),
  constraint postback_kind_ck check (kind in ('main', 'additional'))
);
create unique index postback_main_uq on postback
  (coalesce(webmaster_id, '00000000-0000-0000-0000-000000000000'), coalesce(flow_id, '00000000-0000-0000-0000-000000000000'))
  where kind = 'main' and archived_at is null;

create trigger webmaster_rules after insert or delete or update of slug, name, enabled, archived_at on webmaster
  for each statement execute function bump_rules_version();
create trigger token_rules after insert or delete or update of hash, scopes, rate_per_minute, revoked_at on token
  for each statement execute function bump_rules_version();
create trigger offer_rules after insert or update or delete on offer for each statement execute function bump_rules_version();
create trigger flow_rules after insert or update or delete on flow for each statement execute function bump_rules_version();
create trigger network_rules after insert or delete or update of slug, name, integration, settings, secrets, params, status_map, enabled,
  timeout_seconds, per_second, concurrency, postback_secret, settings_version, archived_at on network
  for each statement execute function bump_rules_version();
create trigger route_rules after insert or update or delete on route for each statement execute function bump_rules_version();
create trigger cap_rules after insert or update or delete on cap for each statement execute function bump_rules_version();
create trigger postback_rules after insert or update or delete on postback for each statement execute function bump_rules_version();
