-- Who may do what: people with a login (app_user), webmasters who post leads, tokens of both,
-- browser sessions, and what this installation knows of itself (instance).

-- One row. The fingerprint of the secret key keeps a process with another key from writing
-- values nobody could open; setup_hash is set until the first admin has been created.
create table instance (
  instance_id     boolean primary key default true check (instance_id),
  key_fingerprint bytea not null,
  setup_hash      bytea,
  created_at      timestamptz not null default now()
);

create table app_user (
  user_id       uuid primary key,
  email         text not null,
  name          text not null default '',
  role          text not null,
  password_hash text,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  last_login_at timestamptz,
  archived_at   timestamptz,
  constraint app_user_email_ck check (email = lower(email)),
  constraint app_user_role_ck check (role in ('admin', 'manager', 'support', 'analyst'))
);
create unique index app_user_email_uq on app_user (email) where archived_at is null;

-- The cookie's value is stored as its SHA-256 only.
create table web_session (
  session_hash bytea primary key,
  user_id      uuid references app_user on delete cascade,
  data         jsonb not null,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz not null
);
create index web_session_expires_idx on web_session (expires_at);
create index web_session_user_idx on web_session (user_id);

create table webmaster (
  webmaster_id uuid primary key,
  number       bigint not null generated always as identity,
  slug         text not null,
  name         text not null,
  enabled      boolean not null default true,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  archived_at  timestamptz,
  constraint webmaster_number_uq unique (number),
  constraint webmaster_slug_uq unique (slug)
);

-- prefix finds the row, hash (SHA-256 of the whole key body) proves it. A token belongs to nobody
-- (role admin), to a webmaster, or to a network or an offer (AlterCPA-compatible partner calls).
create table token (
  token_id        uuid primary key,
  prefix          text not null,
  hash            bytea not null,
  role            text not null,
  name            text not null default '',
  webmaster_id    uuid references webmaster,
  network_id      uuid,
  offer_id        uuid,
  scopes          text[] not null,
  rate_per_minute int,
  created_at      timestamptz not null default now(),
  last_used_at    timestamptz,
  revoked_at      timestamptz,
  constraint token_prefix_uq unique (prefix),
  constraint token_role_ck check (role in ('admin', 'webmaster', 'network', 'offer')),
  constraint token_owner_ck check (
    (role = 'webmaster') = (webmaster_id is not null)
    and (role = 'network') = (network_id is not null)
    and (role = 'offer') = (offer_id is not null)),
  constraint token_rate_ck check (rate_per_minute > 0)
);

-- Who changed what, with the object before and after (secrets left out by the writer).
create table audit (
  audit_id    uuid primary key,
  at          timestamptz not null default now(),
  actor       text not null,
  action      text not null,
  object_kind text not null,
  object_id   uuid,
  before      jsonb,
  after       jsonb
);
