-- What a facility may do in which year, what opening and closing it costs, and who may or must serve whom.
ALTER TABLE network_facilities
    ADD COLUMN existing text CHECK (existing IN ('yes', 'no')),
    ADD COLUMN available_from_year float8,
    ADD COLUMN available_to_year float8,
    ADD COLUMN forced_from_year float8,
    ADD COLUMN forced_to_year float8,
    ADD COLUMN lease_years float8 CHECK (lease_years >= 1),
    ADD COLUMN opening_cost float8 CHECK (opening_cost >= 0),
    ADD COLUMN closing_cost float8 CHECK (closing_cost >= 0),
    ADD COLUMN variable_cost_per_unit float8 CHECK (variable_cost_per_unit >= 0),
    ADD COLUMN min_throughput_units float8 CHECK (min_throughput_units >= 0);

ALTER TABLE network_facility_years
    ADD COLUMN status text CHECK (status IN ('candidate', 'mandatory', 'forbidden'));

CREATE TABLE network_assignments (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    facility int NOT NULL,
    destination int NOT NULL,
    rule text NOT NULL CHECK (rule IN ('fixed', 'forbidden')),
    PRIMARY KEY (dataset_id, position)
);
ALTER TABLE network_assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE network_assignments FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON network_assignments TO networx_app, networx_loader, networx_report
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
GRANT SELECT ON network_assignments TO networx_app, networx_loader, networx_report;
GRANT INSERT ON network_assignments TO networx_loader;
