-- How facilities may grow, and where they get their units from.
CREATE TABLE network_expansions (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    facility int NOT NULL,
    tier int NOT NULL CHECK (tier >= 1),
    capacity_units float8 NOT NULL CHECK (capacity_units >= 0),
    fixed_cost_per_year float8 NOT NULL CHECK (fixed_cost_per_year >= 0),
    one_time_cost float8 CHECK (one_time_cost >= 0),
    PRIMARY KEY (dataset_id, position)
);

CREATE TABLE network_suppliers (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    zip text,
    latitude float8,
    longitude float8,
    supply_units float8 NOT NULL CHECK (supply_units >= 0),
    cost_per_unit float8 CHECK (cost_per_unit >= 0),
    PRIMARY KEY (dataset_id, position)
);

CREATE TABLE network_inbound_lanes (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    supplier int NOT NULL,
    facility int NOT NULL,
    cost_per_unit float8 NOT NULL CHECK (cost_per_unit >= 0),
    distance_miles float8 CHECK (distance_miles >= 0),
    PRIMARY KEY (dataset_id, position)
);

DO $$
DECLARE
    made text;
BEGIN
    FOREACH made IN ARRAY ARRAY['network_expansions', 'network_suppliers', 'network_inbound_lanes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', made);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', made);
        EXECUTE format('CREATE POLICY of_the_tenant ON %I TO networx_app, networx_loader, networx_report '
            'USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()))', made);
        EXECUTE format('GRANT SELECT ON %I TO networx_app, networx_loader, networx_report', made);
        EXECUTE format('GRANT INSERT ON %I TO networx_loader', made);
    END LOOP;
END
$$;
