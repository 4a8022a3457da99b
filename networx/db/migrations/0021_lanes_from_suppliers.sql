-- Lanes from suppliers have modes, capacities, zones and years like any others, and may be priced by Rates.
ALTER TABLE network_inbound_lanes
    ALTER COLUMN cost_per_unit DROP NOT NULL,
    ADD COLUMN capacity_units float8 CHECK (capacity_units >= 0),
    ADD COLUMN mode text,
    ADD COLUMN year float8,
    ADD COLUMN zone text;

-- What a shipment costs by functions fitted to the client's shipments, as a person accepted them.
CREATE TABLE network_fitted_rates (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    mode text NOT NULL,
    weight_from float8 CHECK (weight_from >= 0),
    weight_to float8 CHECK (weight_to >= 0),
    fixed float8 NOT NULL CHECK (fixed >= 0),
    per_mile float8 NOT NULL CHECK (per_mile >= 0),
    per_cwt_mile float8 NOT NULL CHECK (per_cwt_mile >= 0),
    miles_from float8 NOT NULL CHECK (miles_from >= 0),
    miles_to float8 NOT NULL CHECK (miles_to >= miles_from),
    pounds_from float8 NOT NULL CHECK (pounds_from >= 0),
    pounds_to float8 NOT NULL CHECK (pounds_to >= pounds_from),
    shipments float8 NOT NULL CHECK (shipments >= 0),
    median_error_percent float8 NOT NULL CHECK (median_error_percent >= 0),
    mean_error_percent float8 NOT NULL CHECK (mean_error_percent >= 0),
    r_squared float8 NOT NULL CHECK (r_squared BETWEEN 0 AND 1),
    first_month text NOT NULL,
    last_month text NOT NULL,
    accepted_by text NOT NULL CHECK (accepted_by <> ''),
    accepted_on text NOT NULL CHECK (accepted_on <> ''),
    PRIMARY KEY (dataset_id, position)
);
ALTER TABLE network_fitted_rates ENABLE ROW LEVEL SECURITY;
ALTER TABLE network_fitted_rates FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON network_fitted_rates TO networx_app, networx_loader, networx_report
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
GRANT SELECT ON network_fitted_rates TO networx_app, networx_loader, networx_report;
GRANT INSERT ON network_fitted_rates TO networx_loader;
