-- What a lane carries at most, how long it takes, by which mode, and in which year alone it counts.
ALTER TABLE network_lanes
    ADD COLUMN transit_days float8 CHECK (transit_days >= 0),
    ADD COLUMN capacity_units float8 CHECK (capacity_units >= 0),
    ADD COLUMN mode text,
    ADD COLUMN year float8;

-- What the service level asks in one year.
CREATE TABLE network_service_years (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    year int NOT NULL,
    service_level float8 CHECK (service_level BETWEEN 0 AND 1),
    max_distance_miles float8 CHECK (max_distance_miles >= 0),
    max_transit_days float8 CHECK (max_transit_days >= 0),
    service_penalty_per_unit float8 CHECK (service_penalty_per_unit >= 0),
    PRIMARY KEY (dataset_id, position)
);
ALTER TABLE network_service_years ENABLE ROW LEVEL SECURITY;
ALTER TABLE network_service_years FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON network_service_years TO networx_app, networx_loader, networx_report
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
GRANT SELECT ON network_service_years TO networx_app, networx_loader, networx_report;
GRANT INSERT ON network_service_years TO networx_loader;

-- What lanes without a price of their own cost.
ALTER TABLE network_lanes
    ALTER COLUMN cost_per_unit DROP NOT NULL,
    ADD COLUMN zone text;
CREATE TABLE network_rates (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    mode text NOT NULL,
    basis text NOT NULL CHECK (basis IN ('unit', 'cwt', 'mile', 'package', 'shipment')),
    rate float8 NOT NULL CHECK (rate >= 0),
    zone text,
    distance_from float8 CHECK (distance_from >= 0),
    distance_to float8 CHECK (distance_to >= 0),
    weight_from float8 CHECK (weight_from >= 0),
    weight_to float8 CHECK (weight_to >= 0),
    minimum float8 CHECK (minimum >= 0),
    fuel_percent float8 CHECK (fuel_percent >= 0),
    PRIMARY KEY (dataset_id, position)
);
ALTER TABLE network_rates ENABLE ROW LEVEL SECURITY;
ALTER TABLE network_rates FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON network_rates TO networx_app, networx_loader, networx_report
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
GRANT SELECT ON network_rates TO networx_app, networx_loader, networx_report;
GRANT INSERT ON network_rates TO networx_loader;
