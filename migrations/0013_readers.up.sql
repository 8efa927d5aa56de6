-- How people read the pages, and the lists they come back to.

alter table app_user
  add column language  text,                          -- null: as the browser asks
  add column time_zone text not null default 'UTC';

-- A list with its filters, kept under a name. query: what stands behind the question mark of its URL.
create table saved_view (
  view_id    uuid primary key,
  user_id    uuid not null references app_user on delete cascade,
  path       text not null,
  name       text not null,
  query      text not null,
  is_shared  boolean not null default false,
  created_at timestamptz not null default now(),
  constraint saved_view_user_path_name_uq unique (user_id, path, name)
);
create index saved_view_path_idx on saved_view (path);
