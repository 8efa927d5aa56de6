-- Statuses and leads from files: the file as rows, how its columns are read, and what became of each row.

-- state: mapping (what the columns are is still to be said), checking (the dry run), checked, running, done.
-- network_id: whose reports they are; null: of whichever network has the lead. webmaster_id, offer_id: of leads.
-- progress: line of the last row that the check or the run has handled. counts: rows by result, of the same pass.
create table import (
  import_id    uuid primary key,
  kind         text not null,
  state        text not null,
  file_name    text not null,
  file_hash    bytea not null,                      -- SHA-256: the same file is recognised
  network_id   uuid references network,
  webmaster_id uuid references webmaster,
  offer_id     uuid references offer,
  heads        text[] not null,
  mapping      jsonb not null default '{}',
  row_count    int not null,
  progress     int not null default 0,
  counts       jsonb not null default '{}',
  created_by   text not null,
  created_at   timestamptz not null,
  started_at   timestamptz,
  ended_at     timestamptz,
  forgotten_at timestamptz,                         -- when what stood in the rows was removed
  constraint import_kind_ck check (kind in ('statuses', 'leads')),
  constraint import_state_ck check (state in ('mapping', 'checking', 'checked', 'running', 'done'))
);
create index import_hash_idx on import (file_hash);
create index import_kept_idx on import (created_at) where forgotten_at is null;

-- cells: as they stand in the file, by the order of heads; null once they were removed.
-- result, field, reason, lead_id: of the pass that handled the row last.
create table import_row (
  import_id uuid not null references import on delete cascade,
  line      int not null,
  cells     jsonb,
  result    text,
  field     text,
  reason    text,
  lead_id   uuid,
  primary key (import_id, line)
);
create index import_row_lead_idx on import_row (import_id, lead_id) where lead_id is not null;

-- What makes two leads of one file the same lead: the line that has said it first. For the dry run only.
create table import_key (
  import_id uuid not null references import on delete cascade,
  key       text not null,
  line      int not null,
  primary key (import_id, key)
);

-- How the columns of such files were read the last time. scope_id: the network or the webmaster; nil for none.
create table import_mapping (
  kind       text not null,
  scope_id   uuid not null,
  mapping    jsonb not null,
  updated_at timestamptz not null,
  primary key (kind, scope_id)
);
