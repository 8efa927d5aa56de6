\set n :n + 64
\set m :n + :client_id
begin;
insert into inbound_postback (inbound_id, received_at, network_id, method, query, remote_ip)
values (('01930000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid, now(), :network::uuid, 'GET',
  'external_id=x-' || :m || '&status=approved&payout=14&currency=USD', '127.0.0.1');
select d.lead_id from delivery d join lead l on l.lead_id = d.lead_id
  where d.network_id = :network::uuid and d.external_id = 'x-' || :m for no key update of l;
update conversion c set status = 'approved', network_status = 'approved', revenue = 14, payout = 10, updated_at = now()
  from delivery d where d.network_id = :network::uuid and d.external_id = 'x-' || :m and c.delivery_id = d.delivery_id;
insert into conversion_entry (entry_id, conversion_id, at, side, amount, currency, source)
select gen_random_uuid(), c.conversion_id, now(), side, 14, 'USD', 'postback'
  from delivery d join conversion c on c.delivery_id = d.delivery_id cross join unnest('{revenue,payout}'::text[]) side
  where d.network_id = :network::uuid and d.external_id = 'x-' || :m;
update lead l set status = 'approved', revenue = 14, payout = 10, seq = seq + 1, changed_at = now(), changed_xid = pg_current_xact_id()
  from delivery d where d.network_id = :network::uuid and d.external_id = 'x-' || :m and l.lead_id = d.lead_id;
insert into lead_change (lead_id, at, was_status, was_network_id, status, network_id, payout, revenue, revenue_currency)
select d.lead_id, now(), 'pending', d.network_id, 'approved', d.network_id, 10, 14, 'USD'
  from delivery d where d.network_id = :network::uuid and d.external_id = 'x-' || :m;
insert into lead_event (event_id, lead_id, at, kind, source, detail)
select gen_random_uuid(), d.lead_id, now(), 'status', 'postback', '{"from": "pending", "to": "approved", "revenue": "14", "payout": "10"}'
  from delivery d where d.network_id = :network::uuid and d.external_id = 'x-' || :m;
update inbound_postback set result = 'applied', processed_at = now(), times = 1
  where inbound_id = ('01930000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid and received_at = now();
commit;
