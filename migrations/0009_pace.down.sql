drop function renew_statistics();

drop index delivery_no_room_idx;

update lane set max_in_flight = 8 where kind = 'endpoint' and max_in_flight = 64;

drop index lead_external_webmaster_uq;
create unique index lead_webmaster_external_uq on lead (webmaster_id, external_id) where external_id is not null;
