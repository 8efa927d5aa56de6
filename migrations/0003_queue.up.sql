-- The queue. A lane is one network or one webmaster endpoint: its limits and its breaker.
-- A job is work to do; it carries no payload and is deleted when it is over. See docs/QUEUE.md.

-- lane_id equals the network_id or the postback_id it serves.
create table lane (
  lane_id         uuid primary key,
  kind            text not null,
  max_in_flight   int not null default 16,
  call_seconds    int not null default 30,          -- hard deadline of one job; its lease is this and a slack
  rate_per_s      double precision,                 -- null: no limit
  burst           double precision not null default 10,
  tokens          double precision not null default 10,
  refilled_at     timestamptz not null default now(),
  paused_at       timestamptz,
  paused_why      text,
  failures_in_row int not null default 0,
  opened_times    int not null default 0,           -- times in a row the breaker has opened
  open_until      timestamptz,                      -- not null: breaker open, half open once past
  last_served_at  timestamptz not null default '-infinity',
  constraint lane_kind_ck check (kind in ('network', 'endpoint', 'own')),
  constraint lane_max_in_flight_ck check (max_in_flight > 0),
  constraint lane_call_seconds_ck check (call_seconds > 0),
  constraint lane_rate_ck check (rate_per_s > 0),
  constraint lane_burst_ck check (burst >= 1)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- The lane of the server's own work (sweeps, purges).
insert into lane (lane_id, kind, call_seconds) values ('00000000-0000-0000-0000-000000000001', 'own', 600);

-- priority: 0 fresh, 1 retry, 2 bulk (replays). The lease columns belong to state 'leased' alone.
create table job (
  job_id      uuid primary key,
  lane_id     uuid not null references lane,
  kind        text not null,
  subject_id  uuid not null,
  priority    smallint not null default 0,
  dedupe_key  text,
  state       text not null default 'ready',
  run_at      timestamptz not null default now(),
  attempt     int not null default 0,
  lease_token uuid,
  lease_until timestamptz,
  constraint job_state_ck check (state in ('ready', 'leased')),
  constraint job_priority_ck check (priority between 0 and 2),
  constraint job_lease_ck check ((state = 'leased') = (lease_token is not null and lease_until is not null))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
create index job_ready_idx on job (lane_id, priority, run_at, job_id) where state = 'ready';
create index job_leased_idx on job (lane_id) where state = 'leased';
create index job_expiry_idx on job (lease_until) where state = 'leased';
create index job_subject_idx on job (subject_id);
create unique index job_dedupe_uq on job (lane_id, dedupe_key) where dedupe_key is not null;  -- over both states

create table schedule (
  schedule_id   uuid primary key,
  lane_id       uuid not null references lane,
  kind          text not null,
  subject_id    uuid not null,
  every_seconds int not null,
  next_at       timestamptz not null default now(),
  paused_at     timestamptz,
  constraint schedule_every_ck check (every_seconds > 0),
  constraint schedule_kind_subject_uq unique (kind, subject_id)
);
create index schedule_next_idx on schedule (next_at) where paused_at is null;

-- Where a repeated pull of a network has got to.
create table poll_cursor (
  network_id uuid not null references network,
  feed       text not null,
  cursor     jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  primary key (network_id, feed)
);
