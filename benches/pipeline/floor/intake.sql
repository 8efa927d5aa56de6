\set n :n + 1
begin;
insert into idempotency_key (webmaster_id, key, request_hash, lead_id, created_at)
values (:webmaster::uuid, 'f-' || :client_id || '-' || :n, sha256((:n::text)::bytea), ('01900000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid, now());
insert into lead (lead_id, webmaster_id, offer_id, country, external_id, click_id, tags, currency, payout_due, request_hash, created_at, changed_at)
values (('01900000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid, :webmaster::uuid, :offer::uuid, 'ES', 'f-' || :client_id || '-' || :n, 'c' || :client_id || '-' || :n,
  '{"sub1": "campaign-12", "sub2": "creative-200", "utm_source": "feed", "language": "es"}', 'USD', 10, sha256((:n::text)::bytea), now(), now());
insert into lead_change (lead_id, at) values (('01900000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid, now());
insert into lead_contact (lead_id, name, phone, email, ip, user_agent, referer, landing_url, city, comment)
values (('01900000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid, 'Ana Garcia', '+3472' || :client_id || :n, 'f.' || :client_id || '.' || :n || '@example.com', '83.1.2.3',
  'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36', 'https://news.example.com/', 'https://shop.example.com/tea?x=1', 'Madrid', 'call after six');
insert into lead_event (event_id, lead_id, at, kind, source, detail)
values (gen_random_uuid(), ('01900000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid, now(), 'received', 'intake', '{"network_id": "01900000-0000-7000-8000-000000000000", "route_id": "01900000-0000-7000-8000-000000000000", "wake_at": null, "trace": []}');
insert into delivery (delivery_id, lead_id, network_id, route_id, expires_at, created_at, updated_at)
values (('01910000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid, ('01900000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid, :network::uuid, :route::uuid, now() + interval '24 hours', now(), now());
insert into job (job_id, lane_id, kind, subject_id)
values (('01920000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid, :network::uuid, 'deliver_lead', ('01910000' || lpad(to_hex(:n::bigint), 12, '0') || lpad(to_hex(:client_id::bigint), 12, '0'))::uuid);
commit;
