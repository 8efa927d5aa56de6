alter table token drop constraint token_network_fk, drop constraint token_offer_fk;
drop trigger webmaster_rules on webmaster;
drop trigger token_rules on token;
drop table postback, cap, route, network, flow, offer, rules_version;
drop function bump_rules_version();
