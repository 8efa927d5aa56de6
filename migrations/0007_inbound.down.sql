drop table poll, unmapped_report, unmapped_status, inbound_postback;
