-- Append-only tables are partitioned by month, so that old months are dropped instead of deleted.
-- ensure_partitions makes the months from the last one to two ahead; the server calls it at its start
-- and daily. The default partitions catch a row whose month is missing.
create function ensure_partitions(parent text, around timestamptz) returns void language plpgsql as $$
declare
  month timestamptz;
  part  text;
begin
  for i in -1..2 loop
    month := date_trunc('month', around, 'UTC') + make_interval(months => i);
    part := parent || to_char(month at time zone 'UTC', '"_"YYYY"_"MM');
    if to_regclass(part) is null then
      execute format('create table %I partition of %I for values from (%L) to (%L)',
        part, parent, month, date_trunc('month', month + interval '32 days', 'UTC'));
    end if;
  end loop;
end $$;
