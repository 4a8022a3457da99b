-- Figures of the market: what was observed, where and when, and which of them a scenario's version has used.
-- Run by networx_owner.

-- One observation. `tenant_id` is null for what a public source tells everybody, else whose own figure it is. A figure is
-- never changed: a revised one is another row, and seeing the same one again moves `confirmed_at` alone.
CREATE TABLE market_values (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    tenant_id uuid REFERENCES tenants,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
    subject text NOT NULL CHECK (subject <> '' AND length(subject) <= 200),
    as_of date NOT NULL,
    value numeric NOT NULL CHECK (value >= 0 AND value < 'infinity'),
    unit text NOT NULL,
    source text NOT NULL CHECK (source <> ''),
    confidence text NOT NULL CHECK (confidence IN ('high', 'medium', 'low')),
    preliminary boolean NOT NULL DEFAULT false,
    licence text NOT NULL,
    request text NOT NULL,               -- what was asked, without keys; or the file and its row
    fetched_at timestamptz NOT NULL,
    confirmed_at timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (tenant_id, kind, subject, source, as_of, value, preliminary, confidence)
);
CREATE INDEX market_values_newest ON market_values (kind, subject, as_of DESC, confirmed_at DESC);

-- What a version of a scenario used, with the label that it was used with: a rerun uses the same.
CREATE TABLE market_pins (
    tenant_id uuid NOT NULL REFERENCES tenants,
    scenario_id uuid NOT NULL,
    scenario_version int NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    value_id uuid NOT NULL REFERENCES market_values,
    origin text NOT NULL CHECK (origin IN ('own', 'source', 'stored', 'last_known_good')),
    confidence text NOT NULL CHECK (confidence IN ('high', 'medium', 'low')),
    pinned_at timestamptz NOT NULL,
    PRIMARY KEY (scenario_id, scenario_version, kind, subject),
    FOREIGN KEY (scenario_id, scenario_version) REFERENCES scenarios (id, version)
);

ALTER TABLE market_values ENABLE ROW LEVEL SECURITY;
ALTER TABLE market_values FORCE ROW LEVEL SECURITY;
ALTER TABLE market_pins ENABLE ROW LEVEL SECURITY;
ALTER TABLE market_pins FORCE ROW LEVEL SECURITY;

CREATE POLICY of_everybody_or_the_tenant ON market_values FOR SELECT TO networx_app, networx_loader, networx_report
    USING (tenant_id IS NULL OR tenant_id = (SELECT current_tenant()));
CREATE POLICY made_by_the_tenant ON market_values FOR INSERT TO networx_app
    WITH CHECK (tenant_id = (SELECT current_tenant()));
CREATE POLICY confirmed_by_the_tenant ON market_values FOR UPDATE TO networx_app
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
CREATE POLICY of_the_system ON market_values TO networx_system USING (true) WITH CHECK (true);
CREATE POLICY of_the_tenant ON market_pins TO networx_app, networx_loader, networx_report
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
CREATE POLICY of_the_system ON market_pins TO networx_system USING (true) WITH CHECK (true);

GRANT SELECT ON market_values, market_pins TO networx_app, networx_loader, networx_report, networx_system;
GRANT INSERT ON market_values TO networx_app, networx_system;
GRANT UPDATE (confirmed_at) ON market_values TO networx_app, networx_system;
GRANT INSERT ON market_pins TO networx_app;
