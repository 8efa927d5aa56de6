-- What benchmarks asked for. The unique key of a webmaster's own ids begins with the id: no other index begins so, and
-- a look-up that was planned on an empty table cannot take one that begins with the webmaster and read all his leads.
-- An endpoint takes more calls at once.

drop index lead_webmaster_external_uq;
create unique index lead_external_webmaster_uq on lead (external_id, webmaster_id) where external_id is not null;

update lane set max_in_flight = 64 where kind = 'endpoint' and max_in_flight = 8;

-- Whoever waits for room on a route is found without reading everybody who waits.
create index delivery_no_room_idx on delivery (route_id, delivery_id) where state = 'waiting' and reason like 'no capacity%';

-- Statistics follow growth at once: autovacuum looks once a minute, and until then plans are those of a nearly empty table.
-- Answers how many tables were read anew. A table that somebody else works on is left to him.
create function renew_statistics() returns int language plpgsql as $$
declare
  stale record;
  renewed int := 0;
begin
  for stale in
    select relid::regclass as name from pg_stat_user_tables
    where schemaname = current_schema and n_mod_since_analyze > greatest(1000, n_live_tup / 2)
  loop
    execute format('analyze (skip_locked) %s', stale.name);
    renewed := renewed + 1;
  end loop;
  return renewed;
end $$;
