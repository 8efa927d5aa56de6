-- Leads {from} to {to} as they look some time after they came: one statement for each table, from one temporary table.
-- A share of {share} is over; the rest waits for the network's verdict.
create temporary table seed on commit drop as
select n,
  at,
  (stamp || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid as lead_id,
  (stamp || '7000' || '9' || lpad(to_hex(n), 15, '0'))::uuid as delivery_id,
  (stamp || '7000' || 'a' || lpad(to_hex(n), 15, '0'))::uuid as conversion_id,
  (stamp || '7000' || 'b' || lpad(to_hex(n), 15, '0'))::uuid as event_id,
  case when (n % 1000) >= {share} * 1000 then 'pending'
       when n % 10 < 4 then 'approved' when n % 10 < 5 then 'hold' when n % 10 < 9 then 'rejected' else 'trash' end as status,
  sha256(n::text::bytea) as hash
from (
  select n, at, lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as stamp
  from (
    select n, '{now}'::timestamptz - make_interval(secs => {seconds} * (1 - n::float8 / {total})) as at
    from generate_series({from}::bigint, {to}::bigint - 1) n
  ) times
) stamped;

insert into lead (lead_id, webmaster_id, offer_id, status, country, external_id, click_id, tags, currency, payout_due, payout, revenue,
  revenue_currency, seq, request_hash, created_at, changed_at)
select lead_id, '{webmaster}', '{offer}', status, 'ES', 's-' || n, 'c' || lpad(to_hex(n), 16, '0'),
  jsonb_build_object('sub1', 'campaign-' || n % 40, 'sub2', 'creative-' || n % 300, 'utm_source', 'feed', 'language', 'es'),
  'USD', 10, case status when 'approved' then 10 else 0 end, case status when 'approved' then 14 else 0 end, 'USD', 2, hash, at,
  at + interval '3 hours'
from seed;

insert into lead_contact (lead_id, name, phone, email, ip, user_agent, referer, landing_url, city, comment)
select lead_id, 'Ana Garcia ' || n, '+3471' || lpad((n % 10000000)::text, 7, '0'), 'ana.' || n || '@example.org',
  ('83.' || n % 250 || '.' || n / 250 % 250 || '.' || n / 62500 % 250)::inet,
  'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36', 'https://news.example.com/',
  'https://shop.example.com/tea?x=' || n, 'Madrid', 'call after six'
from seed;

insert into lead_event (event_id, lead_id, at, kind, source, detail)
select event_id, lead_id, at, 'received', 'intake',
  jsonb_build_object('network_id', '{network}', 'route_id', '{route}', 'wake_at', null,
    'trace', jsonb_build_array(jsonb_build_object('network_id', '{network}', 'route_id', '{route}', 'why', 'picked')))
from seed;

insert into delivery (delivery_id, lead_id, network_id, route_id, state, attempts, external_id, settings_version, expires_at, accepted_at,
  created_at, updated_at)
select delivery_id, lead_id, '{network}', '{route}', 'accepted', 1, 'x-' || n, 1, at + interval '24 hours', at, at, at
from seed;

insert into attempt (attempt_id, subject_id, lead_id, kind, no, started_at, took_ms, outcome, http_status, remote_ip)
select event_id, delivery_id, lead_id, 'send', 1, at, 180, 'accepted', 200, '203.0.113.7'
from seed;

insert into conversion (conversion_id, lead_id, delivery_id, status, network_status, revenue, revenue_currency, payout, payout_currency,
  created_at, updated_at)
select conversion_id, lead_id, delivery_id, status, status, case status when 'approved' then 14 else 0 end, 'USD',
  case status when 'approved' then 10 else 0 end, 'USD', at, at + interval '3 hours'
from seed;

insert into lead_event (event_id, lead_id, at, kind, source, detail)
select conversion_id, lead_id, at + interval '3 hours', 'status', 'postback', jsonb_build_object('from', 'pending', 'to', status)
from seed where status <> 'pending';

insert into conversion_entry (entry_id, conversion_id, at, side, amount, currency, source)
select conversion_id, conversion_id, at + interval '3 hours', 'revenue', 14, 'USD', 'postback'
from seed where status = 'approved';
