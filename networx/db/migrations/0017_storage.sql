-- What is stored and how: items, and the parameters of warehouses and of stock, for all facilities or for one by name.
CREATE TABLE network_skus (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    sku text NOT NULL,
    annual_volume float8 NOT NULL CHECK (annual_volume >= 0),
    units_per_case float8 NOT NULL CHECK (units_per_case > 0),
    cases_per_pallet float8 NOT NULL CHECK (cases_per_pallet > 0),
    PRIMARY KEY (dataset_id, position)
);
CREATE TABLE network_warehouse (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    facility text,
    PRIMARY KEY (dataset_id, position)
);
CREATE TABLE network_inventory (LIKE network_warehouse INCLUDING ALL);
ALTER TABLE network_inventory ADD FOREIGN KEY (dataset_id) REFERENCES datasets ON DELETE CASCADE;

DO $$
DECLARE made text;
BEGIN
    FOREACH made IN ARRAY ARRAY['network_skus', 'network_warehouse', 'network_inventory'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', made);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', made);
        EXECUTE format('CREATE POLICY of_the_tenant ON %I TO networx_app, networx_loader, networx_report
            USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()))', made);
        EXECUTE format('GRANT SELECT ON %I TO networx_app, networx_loader, networx_report', made);
        EXECUTE format('GRANT INSERT ON %I TO networx_loader', made);
    END LOOP;
END $$;

-- What can be asked of them.
ALTER TABLE scenarios DROP CONSTRAINT scenarios_type_check;
ALTER TABLE scenarios ADD CONSTRAINT scenarios_type_check
    CHECK (type IN ('transport', 'capacity', 'warehouse', 'inventory', 'integrated'));
