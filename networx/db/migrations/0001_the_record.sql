-- The record: tenants, uploads, datasets, scenarios, jobs and results. Run by networx_owner.
-- Every table with tenant data forces row level security from its first day. networx_app, networx_loader and
-- networx_report see the tenant they entered (enter_tenant); networx_system sees what its explicit policies name.

CREATE FUNCTION enter_tenant(tenant uuid) RETURNS void
LANGUAGE sql AS $$ SELECT set_config('networx.tenant', tenant::text, true) $$;

CREATE FUNCTION current_tenant() RETURNS uuid
LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('networx.tenant', true), '')::uuid $$;

CREATE TABLE tenants (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    tenant_id uuid NOT NULL REFERENCES tenants,
    name text NOT NULL,
    secret_sha256 bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE TABLE projects (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    tenant_id uuid NOT NULL REFERENCES tenants,
    name text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE uploads (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    tenant_id uuid NOT NULL REFERENCES tenants,
    bucket text NOT NULL,
    key text NOT NULL,
    version_id text,                     -- null until the event names it; the identity is (bucket, key, version_id)
    multipart_id text,
    filename text NOT NULL,
    bytes bigint NOT NULL CHECK (bytes >= 0),
    status text NOT NULL DEFAULT 'received' CHECK (status IN
        ('received', 'validating', 'needs_mapping', 'needs_decision', 'loading', 'loaded', 'rejected', 'aborted')),
    reason_code text,
    reason text,
    sha256 text,
    warnings jsonb NOT NULL DEFAULT '[]',
    counts jsonb NOT NULL DEFAULT '{}',
    problem_count bigint NOT NULL DEFAULT 0,
    dataset_id uuid,
    job_id uuid,
    correlation_id uuid NOT NULL DEFAULT uuidv7(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((status = 'rejected') = (reason_code IS NOT NULL)),
    UNIQUE (bucket, key, version_id)
);
CREATE UNIQUE INDEX uploads_awaiting_their_event ON uploads (bucket, key) WHERE version_id IS NULL;
CREATE INDEX uploads_of_tenant ON uploads (tenant_id, created_at DESC);

CREATE TABLE upload_problems (
    upload_id uuid NOT NULL REFERENCES uploads ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants,
    sheet text,
    row_number bigint,
    column_name text,
    value text,
    rule text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (upload_id, position)
);

CREATE TABLE datasets (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    domain text NOT NULL CHECK (domain IN ('network', 'transport', 'warehouse', 'inventory')),
    upload_id uuid NOT NULL REFERENCES uploads,
    filename text NOT NULL,
    source_sha256 text NOT NULL,         -- of the file
    sha256 text NOT NULL,                -- of the content, canonical: what certificates name
    mapping_version int NOT NULL DEFAULT 1,
    counts jsonb NOT NULL,
    warnings jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, source_sha256, domain, mapping_version)
);

CREATE TABLE network_facilities (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    city text,
    state text,
    zip text,
    latitude float8,
    longitude float8,
    capacity_units float8 NOT NULL CHECK (capacity_units >= 0),
    fixed_cost_per_year float8 NOT NULL CHECK (fixed_cost_per_year >= 0),
    status text NOT NULL CHECK (status IN ('candidate', 'mandatory', 'forbidden')),
    PRIMARY KEY (dataset_id, position)
);

CREATE TABLE network_destinations (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    city text,
    state text,
    zip text,
    latitude float8,
    longitude float8,
    demand_units float8 NOT NULL CHECK (demand_units >= 0),
    PRIMARY KEY (dataset_id, position)
);

CREATE TABLE network_demand (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    destination int NOT NULL,
    year int NOT NULL,
    units float8 NOT NULL CHECK (units >= 0),
    PRIMARY KEY (dataset_id, position)
);

CREATE TABLE network_forecast (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    year int NOT NULL,
    annual_units float8 NOT NULL CHECK (annual_units >= 0),
    PRIMARY KEY (dataset_id, position)
);

-- No primary key: a lane's uniqueness is checked while the file is read, and an index of a million rows is not free.
CREATE TABLE network_lanes (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    facility int NOT NULL,
    destination int NOT NULL,
    cost_per_unit float8 NOT NULL CHECK (cost_per_unit >= 0),
    distance_miles float8 CHECK (distance_miles >= 0)
);
CREATE INDEX network_lanes_of_dataset ON network_lanes (dataset_id);

CREATE TABLE network_facility_years (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    facility int NOT NULL,
    year int NOT NULL,
    fixed_cost float8 CHECK (fixed_cost >= 0),
    capacity_units float8 CHECK (capacity_units >= 0),
    PRIMARY KEY (dataset_id, position)
);

CREATE TABLE network_parameters (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (dataset_id, position)
);

CREATE TABLE scenarios (
    id uuid NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    tenant_id uuid NOT NULL REFERENCES tenants,
    project_id uuid NOT NULL REFERENCES projects,
    name text NOT NULL CHECK (name <> ''),
    type text NOT NULL CHECK (type IN ('transport')),
    network_dataset_id uuid NOT NULL REFERENCES datasets,    -- no cascade: a dataset outlives what refers to it
    parameters jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, version)
);
CREATE INDEX scenarios_of_tenant ON scenarios (tenant_id, created_at DESC);

CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    tenant_id uuid NOT NULL REFERENCES tenants,
    kind text NOT NULL,
    queue text NOT NULL,
    params jsonb NOT NULL DEFAULT '{}',
    scenario_id uuid,
    scenario_version int,
    parent_id uuid REFERENCES jobs,
    priority smallint NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 2),   -- 0 high, 1 normal, 2 low
    status text NOT NULL DEFAULT 'queued' CHECK (status IN
        ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead')),
    fence bigint NOT NULL DEFAULT 0,     -- grows at every change of owner
    attempt int NOT NULL DEFAULT 0,      -- starts that burned a try
    max_attempts int NOT NULL CHECK (max_attempts >= 1),
    run_at timestamptz NOT NULL DEFAULT now(),
    dispatched_at timestamptz,
    worker text,
    heartbeat_at timestamptz,
    lease_expires_at timestamptz,
    progress jsonb,
    partial boolean NOT NULL DEFAULT false,
    error jsonb,
    idempotency_key text,
    request_sha256 text,
    correlation_id uuid NOT NULL DEFAULT uuidv7(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    CHECK ((status IN ('succeeded', 'failed', 'cancelled', 'dead')) = (finished_at IS NOT NULL)),
    CHECK ((status = 'running') = (lease_expires_at IS NOT NULL)),
    CHECK (attempt <= max_attempts),
    FOREIGN KEY (scenario_id, scenario_version) REFERENCES scenarios (id, version),
    UNIQUE (tenant_id, idempotency_key)
);
CREATE INDEX jobs_claimable ON jobs (queue, priority, run_at) WHERE status = 'queued';
CREATE INDEX jobs_running ON jobs (queue, lease_expires_at) WHERE status = 'running';
CREATE INDEX jobs_of_tenant ON jobs (tenant_id, created_at DESC);

CREATE TABLE job_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    job_id uuid NOT NULL REFERENCES jobs,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event text NOT NULL,                 -- a word in the past tense: submitted, claimed, retried, finished ...
    actor text NOT NULL,
    from_status text,
    to_status text NOT NULL,
    fence bigint NOT NULL,
    attempt int NOT NULL,
    reason text
);
CREATE INDEX job_events_of_job ON job_events (job_id, id);

-- What must be told to a queue, written with what caused it. Deleted once it was sent.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    topic text NOT NULL CHECK (topic IN ('job.ready', 'job.dead')),
    queue text NOT NULL,
    job_id uuid NOT NULL REFERENCES jobs,
    fence bigint NOT NULL,
    not_before timestamptz NOT NULL DEFAULT now(),
    locked_until timestamptz NOT NULL DEFAULT '-infinity',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (topic, job_id, fence)
);
CREATE INDEX outbox_due ON outbox (not_before, id);

-- The best verified answer of a job that still runs; a cancel promotes it to the result.
CREATE TABLE incumbents (
    job_id uuid PRIMARY KEY REFERENCES jobs,
    tenant_id uuid NOT NULL REFERENCES tenants,
    fence bigint NOT NULL,
    result jsonb NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE results (
    job_id uuid PRIMARY KEY REFERENCES jobs,
    tenant_id uuid NOT NULL REFERENCES tenants,
    fence bigint NOT NULL,
    partial boolean NOT NULL DEFAULT false,
    result jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Row level security, the same on every table with tenant data.
DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY[
        'tenants', 'api_keys', 'projects', 'uploads', 'upload_problems', 'datasets', 'network_facilities',
        'network_destinations', 'network_demand', 'network_forecast', 'network_lanes', 'network_facility_years',
        'network_parameters', 'scenarios', 'jobs', 'job_events', 'outbox', 'incumbents', 'results']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
        -- The sub-select makes the planner ask once a statement, not once a row.
        EXECUTE format(
            'CREATE POLICY of_the_tenant ON %I TO networx_app, networx_loader, networx_report '
            'USING (%I = (SELECT current_tenant())) WITH CHECK (%I = (SELECT current_tenant()))',
            table_name,
            CASE table_name WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END,
            CASE table_name WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END);
        EXECUTE format('GRANT SELECT ON %I TO networx_app, networx_loader, networx_report', table_name);
    END LOOP;

    -- What crosses tenants: the relay, the workers' claims, the monitors, the validator and the look-up of a key.
    FOREACH table_name IN ARRAY ARRAY[
        'tenants', 'api_keys', 'uploads', 'upload_problems', 'jobs', 'job_events', 'outbox', 'incumbents', 'results']
    LOOP
        EXECUTE format('CREATE POLICY of_the_system ON %I TO networx_system USING (true) WITH CHECK (true)', table_name);
        EXECUTE format('GRANT SELECT ON %I TO networx_system', table_name);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA networx TO networx_app, networx_loader, networx_system, networx_report;

GRANT INSERT ON projects, scenarios, uploads, jobs, job_events, outbox TO networx_app;
GRANT UPDATE ON uploads, jobs, scenarios TO networx_app;
GRANT INSERT ON results TO networx_app;
GRANT DELETE ON outbox TO networx_app;

GRANT INSERT ON datasets, network_facilities, network_destinations, network_demand, network_forecast, network_lanes,
    network_facility_years, network_parameters, upload_problems, job_events, results TO networx_loader;
GRANT UPDATE ON uploads, jobs TO networx_loader;
GRANT TEMPORARY ON DATABASE networx TO networx_loader;

GRANT INSERT ON tenants, api_keys, uploads, upload_problems, jobs, job_events, outbox, incumbents, results
    TO networx_system;
GRANT UPDATE ON tenants, api_keys, uploads, jobs, outbox, incumbents TO networx_system;
GRANT DELETE ON outbox, incumbents TO networx_system;
