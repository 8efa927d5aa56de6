drop table stats_fold, stats_slot, stats_day, stats_zone;
drop view stats_move;
drop table lead_change;
drop index lead_created_idx;
alter table lead drop column network_id;
