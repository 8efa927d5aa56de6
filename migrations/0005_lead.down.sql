drop table idempotency_key, lead_event, lead_contact, lead;
