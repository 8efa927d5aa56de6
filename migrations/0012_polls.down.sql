drop index unmapped_report_delivery_idx;
alter table inbound_postback drop column dialect;
drop table orphan_report;
drop index poll_scheduled_uq;
drop index poll_network_idx;
alter table poll
  drop constraint poll_network_fk,
  drop column attempts,
  drop column ignored,
  drop column asked,
  drop column calls,
  drop column progress,
  drop column is_period,
  drop column actor;
drop table feed;
create table poll_cursor (
  network_id uuid not null references network,
  feed       text not null,
  cursor     jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  primary key (network_id, feed)
);
