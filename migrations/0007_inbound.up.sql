-- What networks tell us: every call raw, and the status words nobody has mapped yet.

-- result: applied, unchanged, stale, unmapped, ignored, unmatched, failed; null only inside the writing transaction.
create table inbound_postback (
  inbound_id   uuid not null,
  received_at  timestamptz not null,
  network_id   uuid not null,
  method       text not null,
  query        text not null default '',
  content_type text,
  body         bytea not null default '',
  remote_ip    text,
  result       text,
  reason       text,
  lead_id      uuid,
  delivery_id  uuid,
  our_ref      text,                                -- our lead as the caller named it
  external_id  text,
  processed_at timestamptz,
  times        int not null default 0,              -- judgements so far
  primary key (inbound_id, received_at)
) partition by range (received_at);
create index inbound_postback_lead_idx on inbound_postback (lead_id) where lead_id is not null;
create index inbound_postback_network_idx on inbound_postback (network_id, inbound_id);
create index inbound_postback_waiting_idx on inbound_postback (network_id, external_id) where result in ('unmatched', 'failed');
create table inbound_postback_default partition of inbound_postback default;
select ensure_partitions('inbound_postback', now());

create table unmapped_status (
  unmapped_id   uuid primary key,
  network_id    uuid not null references network,
  raw           text not null,
  first_seen_at timestamptz not null,
  last_seen_at  timestamptz not null,
  mapped_to     text,
  mapped_at     timestamptz,
  constraint unmapped_status_network_raw_uq unique (network_id, raw)
);

-- The reports that are kept until their word is mapped. report: the status report as it was read.
create table unmapped_report (
  report_id   uuid primary key,
  unmapped_id uuid not null references unmapped_status,
  delivery_id uuid not null references delivery,
  lead_id     uuid not null references lead,
  at          timestamptz not null,
  revenue     numeric(18, 6),
  currency    text,
  report      jsonb not null,
  applied_at  timestamptz
);
create index unmapped_report_open_idx on unmapped_report (unmapped_id, at) where applied_at is null;

-- A pull of a network by request or schedule, with its counts.
create table poll (
  poll_id    uuid primary key,
  network_id uuid not null references network,
  feed       text not null,
  from_at    timestamptz,
  to_at      timestamptz,
  state      text not null default 'waiting',
  reports    int not null default 0,
  applied    int not null default 0,
  unchanged  int not null default 0,
  unmapped   int not null default 0,
  unmatched  int not null default 0,
  error      text,
  created_at timestamptz not null default now(),
  ended_at   timestamptz,
  constraint poll_state_ck check (state in ('waiting', 'running', 'done', 'failed'))
);
