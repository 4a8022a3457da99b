-- A claim for several jobs came back short when others held some of the front rows: of 619 claims for five, made by
-- four lanes while jobs waited, 116. What is missing is now looked for further behind, as it was where all was held.

-- Takes the best eligible jobs of a queue for a worker, `most` at most. A function, so that its plan is kept from call to
-- call also behind the proxy, where no statement may be prepared.
--
-- The jobs of a queue fall into groups of one priority, tenant and kind. The index leads from one group to the next,
-- so that a claim costs the same whether ten jobs wait or a hundred thousand. Which job is taken: first the older or
-- more urgent class (ten minutes of waiting are worth one, and none comes to count as more than high); within it the
-- tenant that runs least (with what this very call takes for it), then the one served longest ago; and of one tenant's
-- jobs the one that waits longest, where a class is worth ten minutes again. A job that an expired lease left behind
-- counts as one that waits.
CREATE OR REPLACE FUNCTION claim_jobs(
    of_queue text, of_kinds text[], for_worker text, lease_time interval, lowest int, tenant_cap int, most int
) RETURNS SETOF jobs
LANGUAGE plpgsql
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
DECLARE
    depth int;
    missing int := most;
    found_now int;
BEGIN
    IF most < 1 THEN
        RETURN;
    END IF;
    -- As far into each group as workers may choose at the same instant; for what is missing then, since others had
    -- locked some of that, further.
    FOREACH depth IN ARRAY ARRAY[most + 4, most + 64] LOOP
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
        ), abandoned AS (
            SELECT jobs.id, jobs.priority, jobs.tenant_id, jobs.kind, jobs.run_at FROM jobs
            WHERE queue = of_queue AND status = 'running' AND lease_expires_at < statement_timestamp()
              AND attempt < max_attempts
        ), load AS MATERIALIZED (
            SELECT jobs.tenant_id, count(*) AS running FROM jobs
            WHERE queue = of_queue AND status = 'running' AND lease_expires_at >= statement_timestamp()
            GROUP BY jobs.tenant_id
        ), turns AS MATERIALIZED (
            SELECT tenants.tenant_id, coalesce(load.running, 0) AS running, (
                SELECT max(jobs.claimed_at) FROM jobs
                WHERE queue = of_queue AND jobs.tenant_id = tenants.tenant_id) AS served
            FROM (SELECT groups.tenant_id FROM groups UNION SELECT abandoned.tenant_id FROM abandoned) AS tenants
            LEFT JOIN load USING (tenant_id)
            WHERE coalesce(load.running, 0) < tenant_cap
        ), paused AS MATERIALIZED (
            SELECT scope, name, pauses.tenant_id FROM pauses WHERE resumed_at IS NULL
        ), waiting AS (
            SELECT head.id, groups.priority, groups.tenant_id, groups.kind, head.run_at FROM groups, LATERAL (
                SELECT jobs.id, jobs.run_at FROM jobs
                WHERE queue = of_queue AND status = 'queued' AND jobs.priority = groups.priority
                  AND jobs.tenant_id = groups.tenant_id AND jobs.kind = groups.kind
                  AND jobs.run_at <= statement_timestamp()
                ORDER BY run_at, id LIMIT depth) AS head
            UNION ALL
            TABLE abandoned
        ), eligible AS (
            SELECT waiting.id, turns.tenant_id, turns.running, turns.served,
                greatest(
                    waiting.priority - floor(extract(epoch FROM statement_timestamp() - waiting.run_at)::float8 / 600), 0
                ) AS class,
                waiting.run_at + waiting.priority * interval '10 minutes' AS due
            FROM waiting JOIN turns USING (tenant_id)
            WHERE waiting.kind = ANY(of_kinds) AND waiting.priority <= lowest
              AND NOT EXISTS (SELECT FROM paused WHERE (scope = 'queue' AND paused.name = of_queue)
                              OR (scope = 'kind' AND paused.name = waiting.kind) OR paused.tenant_id = waiting.tenant_id)
        ), placed AS (
            -- `running` counts the tenant's better placed candidates too: so a call for many takes turns, and keeps caps.
            SELECT eligible.id, class, served, due, eligible.running + row_number() OVER (
                PARTITION BY eligible.tenant_id ORDER BY class, due, eligible.id) - 1 AS running
            FROM eligible
        ), ranked AS (
            SELECT placed.id FROM placed WHERE placed.running < tenant_cap
            ORDER BY class, placed.running, served NULLS FIRST, due, placed.id
        ), best AS MATERIALIZED (
            -- Locked one by one in that order, until there are enough.
            SELECT locked.id, locked.was FROM ranked, LATERAL (
                SELECT jobs.id, jobs.status AS was FROM jobs
                WHERE jobs.id = ranked.id AND attempt < max_attempts AND (jobs.status = 'queued'
                    OR (jobs.status = 'running' AND lease_expires_at < statement_timestamp()))
                FOR UPDATE SKIP LOCKED) AS locked
            LIMIT missing
        ), won AS (
            UPDATE jobs SET status = 'running', fence = jobs.fence + 1, attempt = jobs.attempt + 1, worker = for_worker,
                heartbeat_at = clock_timestamp(), lease_expires_at = clock_timestamp() + lease_time,
                claimed_at = clock_timestamp(), started_at = coalesce(jobs.started_at, clock_timestamp()),
                updated_at = clock_timestamp(), error = NULL
            FROM best WHERE jobs.id = best.id
            RETURNING jobs.*
        ), told AS (
            INSERT INTO job_events (tenant_id, job_id, event, actor, from_status, to_status, fence, attempt, reason)
            SELECT won.tenant_id, won.id, CASE was WHEN 'queued' THEN 'claimed' ELSE 'taken over' END, for_worker, was,
                won.status, won.fence, won.attempt, CASE was WHEN 'running' THEN 'the lease had expired' END
            FROM won JOIN best USING (id)
        )
        SELECT * FROM won;
        GET DIAGNOSTICS found_now = ROW_COUNT;
        missing := missing - found_now;
        EXIT WHEN missing = 0;
    END LOOP;
END
$$;
