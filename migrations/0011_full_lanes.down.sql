drop function claim_jobs(int, float8);

-- Taking work, for `queue::claim`, in one call: lanes with due jobs are found, locked and counted, each gives its share.
-- Every statement in here sees what was committed before it began, so what a locked lane has in flight is true: no other
-- claimer can add to it. Many small statements, because the large ones cost more to set up than to run.
-- docs/QUEUE.md tells the whole story.
--
-- One row for each job, and one with a null `job_id` for what was left out. `again_in`: in how many seconds there is more
-- to take without news (null: not before). `is_full`: a lane has no room left for due jobs.
create function claim_jobs(slots int, slack_seconds float8)
returns table (job_id uuid, lane_id uuid, kind text, subject_id uuid, attempt int, lease_token uuid,
  lease_seconds float8, is_probe boolean, again_in float8, is_full boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  jump_lane uuid := nobody;
  jump_level smallint := -1;
  head record;
  -- The earliest due job of each lane: what stands before it in the index is gone and need not be read again.
  due_lanes uuid[] := '{}';
  due_levels smallint[] := '{}';
  due_times timestamptz[] := '{}';
  due_jobs uuid[] := '{}';
  lane lane;
  lanes lane[] := '{}';
  places int[] := '{}';
  free int;
  at int;
  share int;
  most int;
  taken int;
  bucket float8;
  next_in float8;
  has_full boolean := false;
  seen int := 0;
begin
  -- Not waited for on the disk: a claim that is lost in a crash of the database leaves the job ready. Nothing has been
  -- sent by then, because the sending stamp is written later, is waited for, and takes the claim to the disk with it.
  perform set_config('synchronous_commit', 'off', true);

  -- From one (lane, priority) to the next, seeing only the earliest job of each: a lane without ready jobs is never
  -- visited, a lane with a million costs no more than one with a single job.
  loop
    select j.lane_id, j.priority, j.run_at, j.job_id into head from job j
    where j.state = 'ready' and (j.lane_id, j.priority) > (jump_lane, jump_level)
    order by j.lane_id, j.priority, j.run_at, j.job_id limit 1;
    exit when not found;
    jump_lane := head.lane_id;
    jump_level := head.priority;
    if head.run_at <= now() then
      jump_level := 32767;
      due_lanes := due_lanes || head.lane_id;
      due_levels := due_levels || head.priority;
      due_times := due_times || head.run_at;
      due_jobs := due_jobs || head.job_id;
    end if;
  end loop;

  -- Locked row by row, the one that has waited longest first. Not "for update": that would also wait for the key.
  for lane in
    select * from lane l
    where l.lane_id = any (due_lanes) and l.paused_at is null and (l.open_until is null or l.open_until <= now())
    order by l.last_served_at, l.lane_id for no key update skip locked
  loop
    seen := seen + 1;
    select count(*) into taken from job j where j.lane_id = lane.lane_id and j.state = 'leased';
    -- A half-open breaker lets one through.
    free := case when lane.open_until is null then lane.max_in_flight else 1 end - taken;
    bucket := least(lane.burst, lane.tokens + extract(epoch from now() - lane.refilled_at) * lane.rate_per_s);
    if free <= 0 then
      has_full := true;
    elsif bucket < 1 then
      next_in := least(next_in, (1 - bucket) / lane.rate_per_s);
    else
      lane.tokens := coalesce(bucket, lane.tokens);
      lanes := lanes || lane;
      places := places || free;
      exit when cardinality(lanes) >= slots;
    end if;
  end loop;
  -- A lane that an act holds which adds jobs to it is free again in a moment, and nobody tells.
  if seen < cardinality(due_lanes) and exists (
    select from lane l
    where l.lane_id = any (due_lanes) and l.paused_at is null and (l.open_until is null or l.open_until <= now())
    offset seen) then
    next_in := 0.005;
  end if;

  -- A fixed share would let the first lanes take every slot while the rest are stamped as served and starve.
  share := greatest(1, slots / greatest(1, cardinality(lanes)));
  for i in 1 .. cardinality(lanes) loop
    lane := lanes[i];
    at := array_position(due_lanes, lane.lane_id);
    most := least(share, places[i]);
    if lane.rate_per_s is not null then
      most := least(most, floor(lane.tokens)::int);
    end if;
    free := most;
    for level in due_levels[at] .. 2 loop
      return query
      update job j set state = 'leased', attempt = j.attempt + 1, lease_token = gen_random_uuid(),
        lease_until = now() + make_interval(secs => lane.call_seconds + slack_seconds)
      from (
        select j.job_id from job j
        where j.lane_id = lane.lane_id and j.state = 'ready' and j.priority = level and j.run_at <= now()
          and (j.run_at, j.job_id) >= (case when level = due_levels[at] then due_times[at] else '-infinity' end,
            case when level = due_levels[at] then due_jobs[at] else nobody end)
        order by j.run_at, j.job_id limit free for update skip locked) first
      where j.job_id = first.job_id
      returning j.job_id, j.lane_id, j.kind, j.subject_id, j.attempt, j.lease_token,
        lane.call_seconds + slack_seconds, lane.open_until is not null, null::float8, false;
      get diagnostics taken = row_count;
      free := free - taken;
      exit when free = 0;
    end loop;
    taken := most - free;
    update lane l set refilled_at = now(), last_served_at = clock_timestamp(),
      tokens = case when l.rate_per_s is null then l.tokens else lane.tokens - taken end
    where l.lane_id = lane.lane_id;
    if free = 0 then
      has_full := has_full or taken = places[i];
      next_in := least(next_in, case when taken = share then 0 else greatest(0, (1 - lane.tokens + taken) / lane.rate_per_s) end);
    end if;
  end loop;
  return query select null::uuid, nobody, '', nobody, 0, nobody, 0::float8, false, next_in, has_full;
end $$;
