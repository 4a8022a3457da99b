-- The engine of jobs: lawful moves kept by the record itself, claims that stay as cheap with a hundred thousand jobs
-- waiting as with ten, pauses, batches, and what a later attempt starts from. Run by networx_owner.

-- --- Lawful moves ---

CREATE TABLE job_moves (
    from_status text NOT NULL,
    to_status text NOT NULL,
    PRIMARY KEY (from_status, to_status)
);
INSERT INTO job_moves VALUES
    ('queued', 'running'), ('queued', 'cancelled'), ('queued', 'dead'),
    ('running', 'queued'), ('running', 'succeeded'), ('running', 'failed'), ('running', 'cancelled'), ('running', 'dead'),
    ('failed', 'queued'), ('dead', 'queued');
GRANT SELECT ON job_moves TO networx_app, networx_loader, networx_system, networx_report;

-- Whatever statement moves a job, and whoever wrote it: a move that is not in the table is refused, a fence never
-- falls, and a job never changes hands under the same fence.
CREATE FUNCTION keep_jobs_lawful() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status AND NOT EXISTS (
        SELECT FROM job_moves WHERE from_status = OLD.status AND to_status = NEW.status
    ) THEN
        RAISE EXCEPTION 'job % may not move from % to %', OLD.id, OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.fence < OLD.fence THEN
        RAISE EXCEPTION 'the fence of job % may not fall', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.fence = OLD.fence AND NEW.status IN ('queued', 'running')
       AND (NEW.status <> OLD.status OR NEW.worker IS DISTINCT FROM OLD.worker) THEN
        RAISE EXCEPTION 'job % may not change hands under the same fence', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER lawful BEFORE UPDATE OF status, fence, worker ON jobs
    FOR EACH ROW EXECUTE FUNCTION keep_jobs_lawful();

-- What an attempt used, beside why it ended: {"seconds": ..., "peak_mib": ...}.
ALTER TABLE job_events ADD COLUMN facts jsonb;

-- --- Claims ---

-- When a worker last took the job up. A tenant's newest says whose turn it is.
ALTER TABLE jobs ADD COLUMN claimed_at timestamptz;
DROP INDEX jobs_claimable;
-- A claim looks at the first few of each priority, tenant and kind, and never at what stands behind them.
CREATE INDEX jobs_waiting ON jobs (queue, priority, tenant_id, kind, run_at, id) WHERE status = 'queued';
CREATE INDEX jobs_served ON jobs (queue, tenant_id, claimed_at) WHERE claimed_at IS NOT NULL;
-- What an operator has to look at, and may redrive.
CREATE INDEX jobs_ended_badly ON jobs (finished_at, id) WHERE status IN ('failed', 'dead');

-- Takes the best eligible jobs of a queue for a worker, `most` at most. A function, so that its plan is kept from call to
-- call also behind the proxy, where no statement may be prepared.
--
-- The jobs of a queue fall into groups of one priority, tenant and kind. The index leads from one group to the next,
-- so that a claim costs the same whether ten jobs wait or a hundred thousand. Which job is taken: first the older or
-- more urgent class (ten minutes of waiting are worth one, and none comes to count as more than high); within it the
-- tenant that runs least (with what this very call takes for it), then the one served longest ago; and of one tenant's
-- jobs the one that waits longest, where a class is worth ten minutes again. A job that an expired lease left behind
-- counts as one that waits.
CREATE FUNCTION claim_jobs(
    of_queue text, of_kinds text[], for_worker text, lease_time interval, lowest int, tenant_cap int, most int
) RETURNS SETOF jobs
LANGUAGE plpgsql AS $$
DECLARE
    depth int;
BEGIN
    IF most < 1 THEN
        RETURN;
    END IF;
    -- As far into each group as workers may choose at the same instant; only where all of that was locked, further.
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
            LIMIT most
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
        EXIT WHEN FOUND;
    END LOOP;
END
$$;

-- Publishes the results of jobs under their fences: state, result row and event in one statement. Gives the ids of those
-- that were still their owner's. The four arrays go together.
CREATE FUNCTION complete_jobs(of_ids uuid[], of_fences bigint[], of_results jsonb[], of_facts jsonb[]) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(of_ids) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH done AS (
        SELECT * FROM unnest(of_ids, of_fences, of_results, of_facts) AS done (id, fence, result, facts)
    ), mine AS (
        -- In the order that a cancel of many jobs keeps too.
        SELECT jobs.id, done.result, done.facts FROM done JOIN jobs USING (id)
        WHERE jobs.fence = done.fence AND jobs.status = 'running' ORDER BY jobs.id FOR UPDATE OF jobs
    ), won AS (
        UPDATE jobs SET status = 'succeeded', finished_at = clock_timestamp(), updated_at = clock_timestamp(),
            lease_expires_at = NULL, progress = '{"stage": "done", "percent": 100.0}'
        FROM mine WHERE jobs.id = mine.id
        RETURNING jobs.id, jobs.tenant_id, jobs.fence, jobs.attempt, jobs.worker, mine.result, mine.facts
    ), stored AS (
        INSERT INTO results (job_id, tenant_id, fence, result)
        SELECT won.id, won.tenant_id, won.fence, won.result FROM won
    ), told AS (
        INSERT INTO job_events (tenant_id, job_id, event, actor, from_status, to_status, fence, attempt, facts)
        SELECT won.tenant_id, won.id, 'finished', won.worker, 'running', 'succeeded', won.fence, won.attempt, won.facts
        FROM won
    )
    SELECT won.id FROM won;
END
$$;

-- --- Pauses ---

-- Rows are kept when a pause ends: who paused what, when and why is what an audit asks.
CREATE TABLE pauses (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    scope text NOT NULL CHECK (scope IN ('queue', 'kind', 'tenant')),
    name text NOT NULL CHECK (name <> ''),               -- of the queue or kind, or the tenant's slug
    tenant_id uuid REFERENCES tenants,
    reason text NOT NULL CHECK (reason <> ''),
    paused_by text NOT NULL,
    paused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resumed_by text,
    resumed_at timestamptz,
    CHECK ((scope = 'tenant') = (tenant_id IS NOT NULL)),
    CHECK ((resumed_by IS NULL) = (resumed_at IS NULL))
);
CREATE UNIQUE INDEX pauses_in_force ON pauses (scope, name) WHERE resumed_at IS NULL;

-- --- Batches ---

-- A batch is a job that no worker runs: it stands in no queue, and its members say how it goes.
ALTER TABLE jobs ALTER COLUMN queue DROP NOT NULL;
ALTER TABLE jobs ADD CHECK ((kind = 'batch') = (queue IS NULL));
ALTER TABLE jobs ADD CHECK (kind <> 'batch' OR status IN ('queued', 'cancelled'));
CREATE INDEX jobs_of_parent ON jobs (parent_id) WHERE parent_id IS NOT NULL;

-- Jobs as a client sees them: a batch as its members make it. It has ended when they all have, and one that failed
-- shows in it whatever became of the others.
CREATE VIEW jobs_seen WITH (security_invoker = true) AS
SELECT id, tenant_id, kind, queue, params, scenario_id, scenario_version, parent_id, priority, fence, attempt,
    max_attempts, worker, correlation_id, created_at, run_at, claimed_at,
    CASE
        WHEN coalesce(members.total, 0) = 0 THEN status
        WHEN members.running > 0 OR (members.waiting > 0 AND members.waiting < members.total) THEN 'running'
        WHEN members.waiting > 0 THEN 'queued'
        WHEN status = 'cancelled' THEN 'cancelled'
        WHEN members.failed > 0 THEN 'failed'
        WHEN members.cancelled > 0 THEN 'cancelled'
        ELSE 'succeeded'
    END AS status,
    CASE WHEN members.total > 0 THEN jsonb_build_object(
        'stage', format('%s of %s done', members.ended, members.total),
        'percent', round(100.0 * members.ended / members.total, 1)) ELSE progress END AS progress,
    coalesce(members.partial, jobs.partial) AS partial,
    CASE WHEN members.failed > 0 THEN jsonb_build_object(
        'code', 'MEMBERS_FAILED',
        'message', format('%s of %s members failed.', members.failed, members.total)) ELSE error END AS error,
    greatest(jobs.updated_at, members.updated_at) AS updated_at,
    coalesce(members.started_at, jobs.started_at) AS started_at,
    CASE WHEN members.total > members.ended THEN NULL 
        ELSE greatest(jobs.finished_at, members.finished_at) END AS finished_at
FROM jobs LEFT JOIN LATERAL (
    SELECT count(*) AS total,
        count(*) FILTER (WHERE member.status = 'queued') AS waiting,
        count(*) FILTER (WHERE member.status = 'running') AS running,
        count(*) FILTER (WHERE member.status IN ('failed', 'dead')) AS failed,
        count(*) FILTER (WHERE member.status = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE member.finished_at IS NOT NULL) AS ended,
        bool_or(member.partial) AS partial,
        max(member.updated_at) AS updated_at, min(member.started_at) AS started_at, max(member.finished_at) AS finished_at
    FROM jobs AS member WHERE jobs.kind = 'batch' AND member.parent_id = jobs.id
) AS members ON true;
GRANT SELECT ON jobs_seen TO networx_app, networx_loader, networx_system, networx_report;

-- --- What a later attempt starts from: where the plan's arrays are, and what they cost and prove ---

ALTER TABLE incumbents ADD COLUMN checkpoint jsonb;

-- --- Answers to requests with an Idempotency-Key ---

-- What a request with an Idempotency-Key was answered. The row is inserted, filled and committed by the very
-- transaction that creates: whoever comes second with the same key waits at the primary key, and a crash leaves
-- neither the thing nor the key. `status` and `answer` are null inside that transaction only. No locked_until: the
-- row lock of the open transaction is the reservation.
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL REFERENCES tenants,
    key text NOT NULL CHECK (key ~ '^[ -~]{1,255}$'),       -- printable ASCII
    request_sha256 text NOT NULL,
    status smallint CHECK (status BETWEEN 200 AND 299),     -- refusals and faults are not kept
    answer json,                                            -- not jsonb: given again as it was, order and numbers
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((status IS NULL) = (answer IS NULL)),
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);   -- the monitor forgets what is older than 24 h

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON idempotency_keys TO networx_app
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
CREATE POLICY of_the_system ON idempotency_keys TO networx_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO networx_app;
GRANT SELECT, DELETE ON idempotency_keys TO networx_system;

-- One place for the keys of everything that is created; those of jobs never expired.
ALTER TABLE jobs DROP CONSTRAINT jobs_tenant_id_idempotency_key_key,
    DROP COLUMN idempotency_key, DROP COLUMN request_sha256;

-- --- Who sees a pause ---

ALTER TABLE pauses ENABLE ROW LEVEL SECURITY;
ALTER TABLE pauses FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_system ON pauses TO networx_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON pauses TO networx_system;
