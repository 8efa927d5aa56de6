-- Alerts: what is wrong now and was lately, the rules that open them, the channels they are told through, and every
-- message that was put together, so that a restart repeats nothing.

-- A kind that has no row here keeps its defaults.
create table alert_rule (
  kind       text primary key,
  enabled    boolean not null,
  threshold  int,                                   -- in the unit of the kind; null: its default
  networks   uuid[] not null default '{}',          -- about these only; empty: all
  offers     uuid[] not null default '{}',
  updated_at timestamptz not null
);

-- Who looks holds this row, so that one node looks at a time.
create table alert_watch (
  is_one          boolean primary key default true,
  looked_at       timestamptz,
  rates_looked_at timestamptz,                      -- approve rates are looked at less often
  constraint alert_watch_one_ck check (is_one)
);
insert into alert_watch default values;

-- settings: what the kind of channel needs, without secrets. secrets: sealed JSON object, label
-- `alert_channel:<id>:secrets`. quiet_*: minutes of the day in time_zone.
create table alert_channel (
  alert_channel_id uuid primary key,
  name             text not null,
  kind             text not null,
  settings         jsonb not null,
  secrets          bytea,
  enabled          boolean not null default true,
  language         text not null,
  time_zone        text not null default 'UTC',
  quiet_from       smallint,
  quiet_until      smallint,
  critical_passes  boolean not null default true,
  per_hour         int not null,
  repeat_hours     int not null,                    -- 0: told once
  last_ok_at       timestamptz,
  last_error       text,                            -- of the last try; null: it went well
  last_error_at    timestamptz,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  archived_at      timestamptz,
  constraint alert_channel_kind_ck check (kind in ('email', 'telegram', 'webhook')),
  constraint alert_channel_quiet_ck check ((quiet_from is null) = (quiet_until is null)),
  constraint alert_channel_per_hour_ck check (per_hour > 0)
);
create unique index alert_channel_name_uq on alert_channel (lower(name)) where archived_at is null;

-- subject: what it is about, among alerts of its kind. size: grows where an open alert gets worse.
create table alert (
  alert_id    uuid primary key,
  kind        text not null,
  subject     text not null,
  facts       jsonb not null,
  size        bigint not null default 0,
  opened_at   timestamptz not null,
  calm_since  timestamptz,                          -- its condition does not hold since
  closed_at   timestamptz
);
create unique index alert_open_uq on alert (kind, subject) where closed_at is null;
create index alert_opened_idx on alert (opened_at);

-- Notices that became one message. content: the texts as they are sent, written once.
create table alert_message (
  alert_message_id uuid primary key,
  alert_channel_id uuid not null references alert_channel,
  content          jsonb not null,
  state            text not null default 'waiting',
  attempts         int not null default 0,
  next_at          timestamptz not null,            -- while it is under way: when it counts as lost
  reason           text,                            -- why the last try failed
  created_at       timestamptz not null,
  sent_at          timestamptz,
  constraint alert_message_state_ck check (state in ('waiting', 'sent', 'dead'))
);
create index alert_message_waiting_idx on alert_message (next_at) where state = 'waiting';
create index alert_message_channel_idx on alert_message (alert_channel_id, created_at);

-- One thing to tell one channel: that an alert opened, got worse, goes on, is over.
create table alert_notice (
  alert_notice_id  uuid primary key,
  alert_id         uuid not null references alert on delete cascade,
  alert_channel_id uuid not null references alert_channel,
  what             text not null,
  facts            jsonb not null,
  at               timestamptz not null,
  alert_message_id uuid references alert_message on delete cascade,
  constraint alert_notice_what_ck check (what in ('opened', 'worse', 'again', 'over'))
);
-- An alert is opened to a channel once and over once.
create unique index alert_notice_once_uq on alert_notice (alert_id, alert_channel_id, what) where what in ('opened', 'over');
create index alert_notice_pending_idx on alert_notice (alert_channel_id, at) where alert_message_id is null;
create index alert_notice_message_idx on alert_notice (alert_message_id);
