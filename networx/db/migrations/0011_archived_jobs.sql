-- Jobs that ended long ago leave the record for files in the results bucket. This index says where each of them lies.
-- Run by networx_owner.

CREATE TABLE archived_jobs (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    parent_id uuid,                      -- of a batch, which lies in the same file
    kind text NOT NULL,
    status text NOT NULL CHECK (status IN ('succeeded', 'failed', 'cancelled', 'dead')),
    created_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT now(),
    key text NOT NULL,                   -- of the file; each job is a piece of it that is packed for itself
    first_byte bigint NOT NULL CHECK (first_byte >= 0),
    bytes bigint NOT NULL CHECK (bytes > 0)
);
CREATE INDEX archived_jobs_listed ON archived_jobs (tenant_id, created_at DESC, id DESC);
CREATE INDEX archived_jobs_of_file ON archived_jobs (key);
-- What is old enough is found from the oldest on.
CREATE INDEX jobs_by_end ON jobs (finished_at, id) WHERE finished_at IS NOT NULL;

ALTER TABLE archived_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE archived_jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON archived_jobs TO networx_app, networx_loader, networx_report
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
CREATE POLICY of_the_system ON archived_jobs TO networx_system USING (true) WITH CHECK (true);
GRANT SELECT ON archived_jobs TO networx_app, networx_loader, networx_report, networx_system;
GRANT INSERT ON archived_jobs TO networx_system;

-- A job leaves the record only when the index has it, whatever statement asks for it.
GRANT DELETE ON jobs, job_events, results TO networx_system;
CREATE POLICY only_archived ON jobs AS RESTRICTIVE FOR DELETE TO networx_system
    USING (EXISTS (SELECT FROM archived_jobs WHERE archived_jobs.id = jobs.id));
CREATE POLICY only_archived ON job_events AS RESTRICTIVE FOR DELETE TO networx_system
    USING (EXISTS (SELECT FROM archived_jobs WHERE archived_jobs.id = job_events.job_id));
CREATE POLICY only_archived ON results AS RESTRICTIVE FOR DELETE TO networx_system
    USING (EXISTS (SELECT FROM archived_jobs WHERE archived_jobs.id = results.job_id));
