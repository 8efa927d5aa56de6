drop table audit, token, webmaster, web_session, app_user, instance;
