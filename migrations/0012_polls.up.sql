-- Pulling statuses from networks: what is asked regularly (feed), each pull (poll), and what was reported about leads
-- we do not know (orphan_report). poll_cursor was never written to; feed takes its place.

drop table poll_cursor;

-- One way of asking a network. until: feeds by time have read everything that happened before it; feeds by ids have
-- asked about every lead that was due before it.
create table feed (
  network_id    uuid not null references network,
  name          text not null,
  every_seconds int not null,
  next_at       timestamptz not null default now(),
  until         timestamptz,
  last_ok_at    timestamptz,
  failures      int not null default 0,             -- polls in a row that failed
  last_error    text,
  primary key (network_id, name),
  constraint feed_every_ck check (every_seconds > 0)
);
create index feed_next_idx on feed (next_at);

-- from_at, to_at: what a feed by time is asked for, or when the leads were made that are asked about.
-- is_period: of a time somebody named; feeds by ids then ask about every lead of it, whatever its status.
-- progress: how far it has got (domain::polling). actor: who asked for it; null: the schedule.
alter table poll
  add column actor     text,
  add column is_period boolean not null default false,
  add column progress  jsonb not null default '{}',
  add column calls     int not null default 0,
  add column asked     int not null default 0,       -- leads that were asked about by id
  add column ignored   int not null default 0,       -- stale, or without a status
  add column attempts  int not null default 0,       -- failures since the last page that was read
  add constraint poll_network_fk foreign key (network_id) references network;
create index poll_network_idx on poll (network_id, poll_id);
create unique index poll_scheduled_uq on poll (network_id, feed) where actor is null and state in ('waiting', 'running');

-- key: what the network calls it. report: the status report as it was last read.
create table orphan_report (
  orphan_id      uuid primary key,
  network_id     uuid not null references network,
  key            text not null,
  source         text not null,
  our_ref        text,
  status         text,
  revenue        numeric(18, 6),
  currency       text,
  report         jsonb not null,
  first_seen_at  timestamptz not null,
  last_seen_at   timestamptz not null,
  lead_id        uuid references lead,              -- set when it found its lead
  constraint orphan_report_network_key_uq unique (network_id, key)
);
create index orphan_report_open_idx on orphan_report (orphan_id) where lead_id is null;

-- How the call is to be read; null: in the integration's own way. altercpa: by the names of AlterCPA's company calls.
alter table inbound_postback add column dialect text;

-- Polls say the same again and again: a kept report is looked for by its delivery.
create index unmapped_report_delivery_idx on unmapped_report (delivery_id) where applied_at is null;
