-- The assistant: who lets it help, what its calls may cost and have cost, and what it suggested and wrote.
-- Run by networx_owner.

-- What a tenant lets it see. No row: nothing.
CREATE TABLE assistant_consents (
    tenant_id uuid PRIMARY KEY REFERENCES tenants,
    mapping boolean NOT NULL,            -- headers, and samples with every letter and digit masked
    summaries boolean NOT NULL,          -- the figures of results, without names
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL
);

-- What all calls of a day or a month (UTC) have spent, and what those under way may spend at most. Every reservation
-- locks its two rows, the month's first. They outlive calls and tenants: money that was spent stays spent.
CREATE TABLE assistant_periods (
    period text NOT NULL CHECK (period IN ('day', 'month')),
    starts date NOT NULL,
    spent_tokens bigint NOT NULL DEFAULT 0 CHECK (spent_tokens >= 0),
    spent_dollars numeric NOT NULL DEFAULT 0 CHECK (spent_dollars >= 0),
    held_tokens bigint NOT NULL DEFAULT 0 CHECK (held_tokens >= 0),
    held_dollars numeric NOT NULL DEFAULT 0 CHECK (held_dollars >= 0),
    warned_percent smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (period, starts)
);

-- One call: reserved before it is made, settled after it. `spent` is what the endpoint counted; `in_full` where it did
-- not say and may have done the work; `unspent` where it certainly did none; `lost` where nobody came back to settle.
CREATE TABLE assistant_calls (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    tenant_id uuid NOT NULL REFERENCES tenants,
    purpose text NOT NULL CHECK (purpose IN ('mapping', 'summary')),
    subject_id uuid NOT NULL,            -- the upload or the job; no reference, for the count outlives them
    model text NOT NULL,
    asked_by text NOT NULL,
    request_id text,
    day date NOT NULL,                   -- whose budget it is held against
    status text NOT NULL DEFAULT 'reserved' CHECK (status IN ('reserved', 'spent', 'in_full', 'unspent', 'lost')),
    reserved_tokens int NOT NULL CHECK (reserved_tokens > 0),
    reserved_dollars numeric NOT NULL CHECK (reserved_dollars >= 0),
    input_tokens int CHECK (input_tokens >= 0),        -- as the endpoint counted, null where it did not
    output_tokens int CHECK (output_tokens >= 0),
    tokens int CHECK (tokens >= 0),                    -- what was taken from the budget
    dollars numeric CHECK (dollars >= 0),
    outcome text,                                      -- how it ended, as a word
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    overdue_at timestamptz NOT NULL,
    settled_at timestamptz,
    CHECK ((status = 'reserved') = (settled_at IS NULL)),
    CHECK ((status = 'reserved') = (tokens IS NULL)),
    CHECK ((tokens IS NULL) = (dollars IS NULL))
);
CREATE INDEX assistant_calls_listed ON assistant_calls (tenant_id, created_at DESC, id DESC);
CREATE INDEX assistant_calls_of_day ON assistant_calls (day);
CREATE INDEX assistant_calls_held ON assistant_calls (overdue_at) WHERE status = 'reserved';

-- Columns of a refused file whose headers mean nothing to us, as the reader saw them: never a value, only its pattern.
CREATE TABLE upload_columns (
    upload_id uuid NOT NULL REFERENCES uploads ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants,
    tab text NOT NULL,
    header text NOT NULL,
    patterns text[] NOT NULL,
    fields text[] NOT NULL,              -- what it could be: fields of the sheet that no other column is
    PRIMARY KEY (upload_id, position)
);

-- What one of them could be. Below 0.9 always, so that a person decides.
CREATE TABLE mapping_suggestions (
    upload_id uuid NOT NULL,
    position int NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants,
    field text NOT NULL,
    confidence numeric NOT NULL CHECK (confidence >= 0 AND confidence < 0.9),
    source text NOT NULL CHECK (source IN ('assistant')),
    model text NOT NULL,
    suggested_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (upload_id, position),
    FOREIGN KEY (upload_id, position) REFERENCES upload_columns ON DELETE CASCADE
);

-- A result in plain words, written by a model and held against the result figure by figure. No reference to its job,
-- whose row is archived while the result, and what was written of it, stay.
CREATE TABLE result_summaries (
    job_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    text text NOT NULL,
    figures jsonb NOT NULL,              -- each figure in the text, and what of the result it is
    model text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
);

DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY[
        'assistant_consents', 'assistant_calls', 'upload_columns', 'mapping_suggestions', 'result_summaries']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format(
            'CREATE POLICY of_the_tenant ON %I TO networx_app, networx_loader, networx_report '
            'USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()))',
            table_name);
        EXECUTE format('GRANT SELECT ON %I TO networx_app, networx_report', table_name);
    END LOOP;
END
$$;

GRANT INSERT, UPDATE ON assistant_consents TO networx_app;
GRANT INSERT ON upload_columns TO networx_loader;
GRANT INSERT, UPDATE, DELETE ON mapping_suggestions TO networx_app;
GRANT INSERT ON result_summaries TO networx_app;

-- The budget is everybody's, so it is kept by the system.
CREATE POLICY of_the_system ON assistant_calls TO networx_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON assistant_calls, assistant_periods TO networx_system;
