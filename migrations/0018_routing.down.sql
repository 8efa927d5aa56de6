drop table routing_version, routing_draft;
