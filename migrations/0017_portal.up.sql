-- The webmaster's portal: logins that belong to a webmaster, one-time links to choose a password with, and links that
-- sign in without one.

alter table app_user
  add column webmaster_id uuid references webmaster,  -- of the role webmaster, and of it alone
  drop constraint app_user_role_ck,
  add constraint app_user_role_ck check (role in ('admin', 'manager', 'support', 'analyst', 'webmaster')),
  add constraint app_user_webmaster_ck check ((role = 'webmaster') = (webmaster_id is not null));
create index app_user_webmaster_idx on app_user (webmaster_id) where webmaster_id is not null;

-- Only the SHA-256 of what stands in a link is stored.
create table password_link (
  link_hash  bytea primary key,
  user_id    uuid not null references app_user on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint password_link_user_uq unique (user_id)   -- a new one puts an end to the one before
);

-- language and time_zone as in app_user: of whoever comes by this link.
create table portal_link (
  portal_link_id uuid primary key,
  webmaster_id   uuid not null references webmaster,
  link_hash      bytea not null,
  name           text not null default '',
  language       text,
  time_zone      text not null default 'UTC',
  created_at     timestamptz not null,
  last_used_at   timestamptz,
  revoked_at     timestamptz,
  constraint portal_link_hash_uq unique (link_hash)
);
create index portal_link_webmaster_idx on portal_link (webmaster_id);

-- A webmaster's own leads by the time they came, which is the order of their ids.
create index lead_webmaster_idx on lead (webmaster_id, lead_id);
