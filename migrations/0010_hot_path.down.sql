create or replace function renew_statistics() returns int language plpgsql as $$
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
alter function renew_statistics() reset default_statistics_target;

drop function claim_jobs(int, float8);
drop function take_places(uuid[], int[], int);
drop function find_duplicates(bigint[], uuid[], uuid[], text[], text[], boolean[], timestamptz[]);

create index job_expiry_idx on job (lease_until) where state = 'leased';

alter table job add foreign key (lane_id) references lane;
alter table postback_delivery add foreign key (postback_id) references postback, add foreign key (webmaster_id) references webmaster;
alter table delivery add foreign key (network_id) references network, add foreign key (route_id) references route;
alter table lead add foreign key (webmaster_id) references webmaster, add foreign key (offer_id) references offer,
  add foreign key (flow_id) references flow;
drop trigger lane_kept on lane;
drop trigger postback_kept on postback;
drop trigger route_kept on route;
drop trigger network_kept on network;
drop trigger flow_kept on flow;
drop trigger offer_kept on offer;
drop trigger webmaster_kept on webmaster;
drop function refuse_delete();
