-- Shipments: what was shipped and what was paid for it. Whole cents; days since 1970-01-01.
ALTER TABLE uploads DROP CONSTRAINT uploads_kind_check;
ALTER TABLE uploads ADD CONSTRAINT uploads_kind_check CHECK (kind IN ('workbook', 'shipments', 'model'));

-- What became of every row and cent of a freight file, tab by tab.
ALTER TABLE datasets ADD COLUMN account jsonb;

-- Read as a whole and in order, from files of millions of rows.
CREATE TABLE transport_shipments (
    dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
    position int NOT NULL,
    tenant_id uuid NOT NULL,
    tab text NOT NULL,
    order_id text NOT NULL,
    ship_date int NOT NULL,
    origin_zip text,
    dest_zip text,
    origin text,
    destination text,
    origin_city text,
    origin_state text,
    dest_city text,
    dest_state text,
    service_level text,
    mode text NOT NULL CHECK (mode IN ('parcel', 'ltl', 'tl', 'air', 'ocean', 'intermodal')),
    carrier text,
    direction text CHECK (direction IN ('outbound', 'inbound', 'transfer')),
    weight_lb float8 CHECK (weight_lb >= 0),
    cube_cf float8 CHECK (cube_cf >= 0),
    pkgs float8 CHECK (pkgs >= 0),
    units float8 CHECK (units >= 0),
    miles float8 CHECK (miles >= 0),
    freight_class text,
    zone text,
    tracking_number text,
    net_charge bigint,
    freight_cost_usd bigint,
    gross_charge bigint,
    fuel_charge bigint,
    accessorial_charge bigint,
    charge bigint NOT NULL,
    CHECK (origin_zip IS NOT NULL OR origin IS NOT NULL),
    CHECK (dest_zip IS NOT NULL OR destination IS NOT NULL)
);
CREATE INDEX transport_shipments_of_dataset ON transport_shipments (dataset_id, position);
ALTER TABLE transport_shipments ENABLE ROW LEVEL SECURITY;
ALTER TABLE transport_shipments FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON transport_shipments TO networx_app, networx_loader, networx_report
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
GRANT SELECT ON transport_shipments TO networx_app, networx_loader, networx_report;
GRANT INSERT ON transport_shipments TO networx_loader;

-- A baseline is asked of them: what was paid, alone or beside a network.
ALTER TABLE scenarios ADD COLUMN transport_dataset_id uuid REFERENCES datasets;
ALTER TABLE scenarios ALTER COLUMN network_dataset_id DROP NOT NULL;
ALTER TABLE scenarios ADD CONSTRAINT scenarios_datasets_check
    CHECK ((type = 'baseline') = (transport_dataset_id IS NOT NULL)
           AND (type = 'baseline' OR network_dataset_id IS NOT NULL));
