drop table form_key;
alter table web_session
  drop constraint web_session_id_uq,
  drop column session_id, drop column last_seen_at, drop column ip, drop column user_agent;
drop table recovery_code;
alter table app_user
  drop constraint app_user_totp_ck,
  drop column totp_secret, drop column totp_since, drop column totp_step;
