drop table poll_cursor, schedule, job, lane;
