-- A claim, and the arming of a message, look at the first few of each group of waiting jobs. The planner knows that from
-- its statistics alone: with those of a queue that was empty a minute ago it may as well fetch all that wait and sort
-- them (10,052 rows of 5,000 jobs, seen in a test). So these two walk the index whatever the statistics say.
ALTER FUNCTION claim_jobs(text, text[], text, interval, int, int, int) SET enable_seqscan = off;
ALTER FUNCTION claim_jobs(text, text[], text, interval, int, int, int) SET enable_bitmapscan = off;
ALTER FUNCTION claim_jobs(text, text[], text, interval, int, int, int) SET enable_sort = off;

-- Arms a new message, after `delay`, for the group of a queue's jobs that waits longest without one, if any does.
CREATE FUNCTION arm_waiting(of_queue text, delay interval) RETURNS SETOF uuid
LANGUAGE plpgsql
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE groups AS (
        (SELECT jobs.priority, jobs.tenant_id, jobs.kind FROM jobs WHERE queue = of_queue AND status = 'queued'
         ORDER BY priority, tenant_id, kind LIMIT 1)
        UNION ALL
        SELECT after.priority, after.tenant_id, after.kind FROM groups, LATERAL (
            SELECT jobs.priority, jobs.tenant_id, jobs.kind FROM jobs
            WHERE queue = of_queue AND status = 'queued'
              AND (jobs.priority, jobs.tenant_id, jobs.kind) > (groups.priority, groups.tenant_id, groups.kind)
            ORDER BY priority, tenant_id, kind LIMIT 1) AS after
    ), heads AS (
        SELECT head.id, head.run_at FROM groups, LATERAL (
            SELECT jobs.id, jobs.run_at FROM jobs
            WHERE queue = of_queue AND status = 'queued' AND jobs.priority = groups.priority
              AND jobs.tenant_id = groups.tenant_id AND jobs.kind = groups.kind
            ORDER BY run_at, id LIMIT 1) AS head
    ), waiting AS (
        -- Looked up one by one, until one is found that nobody holds.
        SELECT locked.id FROM (SELECT heads.id FROM heads ORDER BY heads.run_at) AS head, LATERAL (
            SELECT jobs.id FROM jobs
            WHERE jobs.id = head.id AND status = 'queued' AND NOT EXISTS (
                -- One that a relay has in hand may be the very token that was taken here.
                SELECT FROM outbox WHERE outbox.job_id = jobs.id AND topic = 'job.ready'
                AND locked_until < clock_timestamp())
            FOR UPDATE OF jobs SKIP LOCKED) AS locked
        LIMIT 1
    ), armed AS (
        UPDATE jobs SET fence = fence + 1 WHERE jobs.id = (SELECT waiting.id FROM waiting)
        RETURNING jobs.id, jobs.tenant_id, jobs.queue, jobs.fence, jobs.run_at
    )
    INSERT INTO outbox (tenant_id, topic, queue, job_id, fence, not_before)
    SELECT armed.tenant_id, 'job.ready', armed.queue, armed.id, armed.fence,
        greatest(armed.run_at, clock_timestamp() + delay)
    FROM armed
    RETURNING outbox.job_id;
END
$$;
