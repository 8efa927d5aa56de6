drop table alert_notice;
drop table alert_message;
drop table alert;
drop table alert_channel;
drop table alert_watch;
drop table alert_rule;
