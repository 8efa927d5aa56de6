drop function ensure_partitions(text, timestamptz);
