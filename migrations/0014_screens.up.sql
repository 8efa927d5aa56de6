-- What the screens of the dashboard read by.

-- What fails now, by network and cause: the few attempts that failed, by time.
create index attempt_failed_idx on attempt (started_at)
  where kind <> 'postback' and outcome in ('retry', 'unknown', 'misconfigured', 'lost', 'ours');
