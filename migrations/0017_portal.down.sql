drop index lead_webmaster_idx;
drop table portal_link, password_link;
delete from app_user where role = 'webmaster';
alter table app_user
  drop column webmaster_id,
  drop constraint app_user_role_ck,
  add constraint app_user_role_ck check (role in ('admin', 'manager', 'support', 'analyst'));
