-- The handing over of leads to networks, its attempts, the caps they use and the conversions that come of it.

-- sending_at: committed just before the call. accepted_at also when a report proved that the network has the lead.
create table delivery (
  delivery_id      uuid primary key,
  lead_id          uuid not null references lead,
  network_id       uuid not null references network,
  route_id         uuid references route,           -- null: an admin sent it there
  purpose          text not null default 'sale',
  state            text not null default 'waiting',
  attempts         int not null default 0,
  sending_at       timestamptz,
  next_at          timestamptz,
  external_id      text,
  redirect_url     text,
  message          text,
  reason           text,                            -- why it is in this state: refused, no capacity, unknown, gave up
  is_duplicate     boolean not null default false,  -- refused as a duplicate or as invalid: counts as trash
  settings_version int,
  expires_at       timestamptz not null,            -- the route's freshness end
  accepted_at      timestamptz,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  constraint delivery_purpose_ck check (purpose in ('sale', 'fulfilment')),
  constraint delivery_state_ck check (state in
    ('waiting', 'sending', 'retrying', 'accepted', 'refused', 'needs_review', 'dead', 'cancelled'))
) with (fillfactor = 80);
create index delivery_lead_idx on delivery (lead_id, delivery_id);
create index delivery_network_external_idx on delivery (network_id, external_id) where external_id is not null;
create index delivery_open_idx on delivery (state, delivery_id) where state not in ('accepted', 'refused', 'cancelled');
create index delivery_network_idx on delivery (network_id, delivery_id);

-- Counters of the windows of a cap, and the slot each delivery holds in them. used = rows in cap_hold.
create table cap_window (
  cap_id    uuid not null references cap on delete cascade,
  starts_at timestamptz not null,
  ends_at   timestamptz,                            -- null: period total
  used      int not null default 0,
  primary key (cap_id, starts_at),
  constraint cap_window_used_ck check (used >= 0)
) with (fillfactor = 50);

create table cap_hold (
  delivery_id uuid not null references delivery,
  cap_id      uuid not null references cap on delete cascade,
  starts_at   timestamptz not null,
  held_at     timestamptz not null default now(),
  primary key (delivery_id, cap_id)
);

-- One exchange (or a lost lease) each. subject_id: a delivery or a postback delivery.
-- kind: send, lookup, postback. outcome: accepted, refused, no_capacity, retry, unknown, misconfigured, lost, ours; delivered, failed.
create table attempt (
  attempt_id  uuid not null,
  subject_id  uuid not null,
  lead_id     uuid not null,
  kind        text not null,
  no          int not null,
  started_at  timestamptz not null,
  took_ms     int not null,
  outcome     text not null,
  http_status smallint,
  error_kind  text,
  remote_ip   text,
  detail      text,
  is_late     boolean not null default false,       -- came after its lease was gone
  primary key (subject_id, started_at, attempt_id)
) partition by range (started_at);
create index attempt_lead_idx on attempt (lead_id);
create table attempt_default partition of attempt default;
select ensure_partitions('attempt', now());

-- Request and answer as sent, secrets masked, cut to 64 KiB. Purged early.
create table attempt_body (
  attempt_id uuid not null,
  started_at timestamptz not null,
  request    text not null,
  response   text,
  primary key (attempt_id, started_at)
) partition by range (started_at);
create table attempt_body_default partition of attempt_body default;
select ensure_partitions('attempt_body', now());

-- One result a network reports. key: '' for the default one of a delivery, else the transaction id.
create table conversion (
  conversion_id   uuid primary key,
  lead_id         uuid not null references lead,
  delivery_id     uuid not null references delivery,
  key             text not null default '',
  goal            text,
  status          text not null default 'pending',
  network_status  text,
  reason_code     smallint,
  reason          text,
  comment         text,
  revenue         numeric(18, 6) not null default 0,
  revenue_currency text,
  payout          numeric(18, 6) not null default 0,
  payout_currency text not null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  constraint conversion_delivery_key_uq unique (delivery_id, key),
  constraint conversion_status_ck check (status in ('pending', 'hold', 'approved', 'paid', 'rejected', 'trash'))
);
create index conversion_lead_idx on conversion (lead_id);

-- Money of a conversion, append-only: the sum of a side's entries is its amount now.
-- side: revenue in the network's currency, payout in the offer's.
create table conversion_entry (
  entry_id      uuid primary key,
  conversion_id uuid not null references conversion,
  at            timestamptz not null default now(),
  side          text not null,
  amount        numeric(18, 6) not null,
  currency      text not null,
  source        text not null,
  constraint conversion_entry_side_ck check (side in ('revenue', 'payout'))
);
create index conversion_entry_conversion_idx on conversion_entry (conversion_id);
