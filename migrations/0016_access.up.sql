-- Who may come in: second factors, sessions as their owners see them, forms that work once.

alter table app_user
  add column totp_secret bytea,         -- sealed; there once a right code has proved it
  add column totp_since  timestamptz,
  add column totp_step   bigint,        -- of the last code that was taken: none works twice
  add constraint app_user_totp_ck check ((totp_secret is null) = (totp_since is null));

-- For whoever has lost the second factor. Only the SHA-256 of a code is stored.
create table recovery_code (
  user_id   uuid not null references app_user on delete cascade,
  code_hash bytea not null,
  used_at   timestamptz,
  primary key (user_id, code_hash)
);

-- session_id names a session on pages, which the hash of its cookie never does.
alter table web_session
  add column session_id   uuid not null default gen_random_uuid(),
  add column last_seen_at timestamptz,
  add column ip           text,
  add column user_agent   text,
  add constraint web_session_id_uq unique (session_id);

-- Keys of forms that were sent: what such a form makes is made once, however often it is sent.
create table form_key (
  form_key uuid primary key,
  user_id  uuid not null references app_user on delete cascade,
  used_at  timestamptz not null
);
create index form_key_used_idx on form_key (used_at);
