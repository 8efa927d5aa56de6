-- Reports: a ledger of what they count, written with each change, and sums of it by day.

-- The network that has the lead: the owner of the accepted sale delivery.
alter table lead add column network_id uuid;
-- Reports by hour and by sub read the leads of a time. Leads lie in the order in which they came, so that the smallest
-- kind of index serves.
create index lead_created_idx on lead using brin (created_at) with (pages_per_range = 16, autosummarize = on);

-- One row for each change of what reports count of a lead: when it came (was_status null), and whenever its status,
-- network, reason or money changed. Only ever added to. Test leads have none.
-- xid: the transaction. All rows below the oldest running one are there: what is summed up to there is summed for good.
create table lead_change (
  lead_id              uuid not null,
  at                   timestamptz not null,
  xid                  bigint not null default pg_current_xact_id()::text::bigint,
  was_status           text,
  was_network_id       uuid,
  was_reason_code      smallint,
  was_payout           numeric(18, 6) not null default 0,
  was_revenue          numeric(18, 6) not null default 0,
  was_revenue_currency text,
  status               text not null default 'new',
  network_id           uuid,
  reason_code          smallint,
  payout               numeric(18, 6) not null default 0,
  revenue              numeric(18, 6) not null default 0,
  revenue_currency     text
);
create index lead_change_at_idx on lead_change using brin (at) with (pages_per_range = 16, autosummarize = on);
create index lead_change_xid_idx on lead_change using brin (xid) with (pages_per_range = 16, autosummarize = on);

-- Two moves for each change: out of the old place and into the new one. Whatever is asked, the sum of the moves of a lead
-- is the lead as it stands; nothing is counted twice. The offset keeps it one look-up for each change.
create view stats_move as
  select c.lead_id, c.xid, c.at, l.created_at, l.webmaster_id, l.offer_id, move.network_id, l.country, move.status, move.reason_code,
    l.tags, l.currency, move.revenue_currency, move.leads, move.payout, move.revenue
  from lead_change c
  cross join lateral (select * from lead where lead.lead_id = c.lead_id offset 0) l
  cross join lateral (values
    (c.was_status, c.was_network_id, c.was_reason_code, c.was_revenue_currency, -1, -c.was_payout, -c.was_revenue),
    (c.status, c.network_id, c.reason_code, c.revenue_currency, 1, c.payout, c.revenue)
  ) move (status, network_id, reason_code, revenue_currency, leads, payout, revenue)
  where move.status is not null;

-- The time zones days are summed for. Reports in other zones are counted from the leads and the ledger.
create table stats_zone (name text primary key);
insert into stats_zone (name) values ('UTC');

-- Moves summed by day. basis: 'lead', the day the lead came; 'event', the day of the change.
create table stats_day (
  zone             text not null references stats_zone (name) on delete cascade,
  basis            text not null,
  day              date not null,
  webmaster_id     uuid not null,
  offer_id         uuid not null,
  network_id       uuid,
  country          text,
  status           text not null,
  reason_code      smallint,
  currency         text not null,
  revenue_currency text,
  leads            bigint not null,
  payout           numeric(24, 6) not null,
  revenue          numeric(24, 6) not null,
  constraint stats_day_uq unique nulls not distinct (zone, basis, day, webmaster_id, offer_id, network_id, country, status,
    reason_code, currency, revenue_currency),
  constraint stats_day_basis_ck check (basis in ('lead', 'event'))
) with (fillfactor = 80);

-- Moves summed by quarters of an hour, by the time of the change: for today's hours in every time zone. The slot '-infinity'
-- is all of them: what stands now.
create table stats_slot (
  slot             timestamptz not null,
  is_delivered     boolean not null,
  status           text not null,
  currency         text not null,
  revenue_currency text,
  leads            bigint not null,
  payout           numeric(24, 6) not null,
  revenue          numeric(24, 6) not null,
  constraint stats_slot_uq unique nulls not distinct (slot, is_delivered, status, currency, revenue_currency)
) with (fillfactor = 80);

-- How far the ledger is summed: every change of a transaction below.
create table stats_fold (below bigint not null);
insert into stats_fold (below) values (0);

-- What was there before the ledger: each lead as it came and as it stands.
update lead l set network_id = d.network_id
from delivery d where d.lead_id = l.lead_id and d.purpose = 'sale' and d.accepted_at is not null;
insert into lead_change (lead_id, at) select lead_id, created_at from lead where not test;
insert into lead_change (lead_id, at, was_status, status, network_id, reason_code, payout, revenue, revenue_currency)
select lead_id, changed_at, 'new', status, network_id, reason_code, payout, revenue, revenue_currency
from lead where not test and (status <> 'new' or network_id is not null);
