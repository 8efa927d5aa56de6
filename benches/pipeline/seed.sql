-- Leads {from} to {to} as they look some time after they came: one statement for each table, from one temporary table.
-- A share of {share} is over; the rest waits for the network's verdict. Every webmaster works with five of the offers, each
-- of which has one network and three countries.
create temporary table seed on commit drop as
with webmasters as (select array_agg(webmaster_id order by slug) as ids from webmaster),
  offers as (
    select array_agg(offer_id order by slug) as ids, array_agg(network_id order by slug) as networks,
      array_agg(route_id order by slug) as routes
    from (select distinct on (slug) slug, offer_id, network_id, route_id from route join offer using (offer_id)
      order by slug, route_id) sold)
select n,
  at,
  webmasters.ids[1 + whose] as webmaster_id,
  offers.ids[1 + what] as offer_id,
  offers.networks[1 + what] as network_id,
  offers.routes[1 + what] as route_id,
  ('{ES,DE,FR}'::text[])[1 + (what + n / 11 % 4 / 2)::int % 3] as country,
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
) stamped
cross join webmasters
cross join offers
cross join lateral (select abs(hashint8(n)) % cardinality(webmasters.ids) as whose) who
cross join lateral (select (whose * 7 + n % 5)::int % cardinality(offers.ids) as what) which;

insert into lead (lead_id, webmaster_id, offer_id, network_id, status, country, external_id, click_id, tags, currency, payout_due, payout, revenue,
  revenue_currency, seq, request_hash, created_at, changed_at)
select lead_id, webmaster_id, offer_id, network_id, status, country, 's-' || n, 'c' || lpad(to_hex(n), 16, '0'),
  jsonb_build_object('sub1', 'campaign-' || n % 40, 'sub2', 'creative-' || n % 300, 'utm_source', 'feed', 'language', 'es'),
  'USD', 10, case when status in ('hold', 'approved') then 10 else 0 end, case when status in ('hold', 'approved') then 14 else 0 end,
  'USD', 2, hash, at, at + interval '3 hours'
from seed;

insert into lead_change (lead_id, at) select lead_id, at from seed;
insert into lead_change (lead_id, at, was_status, status, network_id)
select lead_id, at, 'new', 'pending', network_id from seed;
insert into lead_change (lead_id, at, was_status, was_network_id, status, network_id, payout, revenue, revenue_currency)
select lead_id, at + interval '3 hours', 'pending', network_id, status, network_id,
  case when status in ('hold', 'approved') then 10 else 0 end, case when status in ('hold', 'approved') then 14 else 0 end, 'USD'
from seed where status <> 'pending';

insert into lead_contact (lead_id, name, phone, email, ip, user_agent, referer, landing_url, city, comment)
select lead_id, 'Ana Garcia ' || n, '+3471' || lpad((n % 10000000)::text, 7, '0'), 'ana.' || n || '@example.org',
  ('83.' || n % 250 || '.' || n / 250 % 250 || '.' || n / 62500 % 250)::inet,
  'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36', 'https://news.example.com/',
  'https://shop.example.com/tea?x=' || n, 'Madrid', 'call after six'
from seed;

insert into lead_event (event_id, lead_id, at, kind, source, detail)
select event_id, lead_id, at, 'received', 'intake',
  jsonb_build_object('network_id', network_id, 'route_id', route_id, 'wake_at', null,
    'trace', jsonb_build_array(jsonb_build_object('network_id', network_id, 'route_id', route_id, 'why', 'picked')))
from seed;

insert into delivery (delivery_id, lead_id, network_id, route_id, state, attempts, external_id, settings_version, expires_at, accepted_at,
  created_at, updated_at)
select delivery_id, lead_id, network_id, route_id, 'accepted', 1, 'x-' || n, 1, at + interval '24 hours', at, at, at
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

-- Every fourth lead that is over was reported by the network and told to the webmaster who asked for it.
insert into inbound_postback (inbound_id, received_at, network_id, method, query, remote_ip, result, lead_id, delivery_id, external_id,
  processed_at, times)
select conversion_id, at + interval '3 hours', network_id, 'GET', 'id=x-' || n || '&status=' || status, '203.0.113.7', 'applied', lead_id,
  delivery_id, 'x-' || n, at + interval '3 hours', 1
from seed where status <> 'pending' and n % 4 = 0;

insert into postback_delivery (postback_delivery_id, postback_id, lead_id, webmaster_id, seq, status, method, url, state, attempts,
  http_status, created_at, updated_at)
select conversion_id, postback_id, lead_id, seed.webmaster_id, 2, status, 'GET', 'https://shop.example.com/postback?n=' || n, 'delivered', 1,
  200, at + interval '3 hours', at + interval '3 hours'
from seed, (select postback_id from postback limit 1) told where status <> 'pending' and n % 4 = 0;
