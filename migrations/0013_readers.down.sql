drop table saved_view;
alter table app_user drop column time_zone, drop column language;
