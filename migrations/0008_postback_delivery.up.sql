-- One change of a lead to one webmaster URL: rendered at the change, sent in the order of seq.
create table postback_delivery (
  postback_delivery_id uuid primary key,
  postback_id  uuid not null references postback,
  lead_id      uuid not null references lead,
  webmaster_id uuid not null references webmaster,
  seq          int not null,
  status       text not null,
  method       text not null,
  url          text not null,
  content_type text,
  body         text,
  state        text not null default 'waiting',
  attempts     int not null default 0,
  sending_at   timestamptz,
  next_at      timestamptz,
  http_status  smallint,
  reason       text,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  constraint postback_delivery_state_ck check (state in
    ('waiting', 'sending', 'retrying', 'delivered', 'dead', 'suppressed', 'superseded', 'cancelled'))
) with (fillfactor = 80);
create index postback_delivery_lead_idx on postback_delivery (lead_id, postback_id, seq);
create index postback_delivery_postback_idx on postback_delivery (postback_id, postback_delivery_id);
create index postback_delivery_open_idx on postback_delivery (state, postback_delivery_id)
  where state in ('waiting', 'sending', 'retrying', 'dead');
