-- What was paid, what the books say, and what a change costs once; and how large a facility is.
ALTER TABLE network_facilities
    ADD COLUMN square_feet float8 CHECK (square_feet >= 0),
    ADD COLUMN lease_rate_per_sqft float8 CHECK (lease_rate_per_sqft >= 0),
    ADD COLUMN operating_cost_per_sqft float8 CHECK (operating_cost_per_sqft >= 0);

CREATE TABLE network_operating_costs (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    facility int NOT NULL,
    year int NOT NULL,
    line text NOT NULL,
    amount float8 NOT NULL,
    PRIMARY KEY (dataset_id, position)
);

CREATE TABLE network_control_totals (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    year int NOT NULL,
    line text NOT NULL,
    amount float8 NOT NULL,
    PRIMARY KEY (dataset_id, position)
);

CREATE TABLE network_one_time_costs (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    year int NOT NULL,
    line text NOT NULL,
    amount float8 NOT NULL,
    PRIMARY KEY (dataset_id, position)
);

DO $$
DECLARE
    made text;
BEGIN
    FOREACH made IN ARRAY ARRAY['network_operating_costs', 'network_control_totals', 'network_one_time_costs'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', made);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', made);
        EXECUTE format('CREATE POLICY of_the_tenant ON %I TO networx_app, networx_loader, networx_report '
            'USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()))', made);
        EXECUTE format('GRANT SELECT ON %I TO networx_app, networx_loader, networx_report', made);
        EXECUTE format('GRANT INSERT ON %I TO networx_loader', made);
    END LOOP;
END
$$;
