-- A correction is an upload of its own that holds the bad rows of another, mended.
ALTER TABLE uploads ADD COLUMN corrects uuid REFERENCES uploads;
-- Of a file how many of its rows stand corrected; of a correction how many it has.
ALTER TABLE uploads ADD COLUMN corrected_rows int NOT NULL DEFAULT 0;
CREATE INDEX uploads_that_correct ON uploads (corrects) WHERE corrects IS NOT NULL;
ALTER TABLE uploads DROP CONSTRAINT uploads_kind_check;
ALTER TABLE uploads ADD CONSTRAINT uploads_kind_check
    CHECK (kind IN ('workbook', 'shipments', 'model', 'correction'));

-- The rows of a file as they are corrected so far, cells as [header, cell]; each by the correction that had it last.
CREATE TABLE upload_corrections (
    upload_id uuid NOT NULL REFERENCES uploads ON DELETE CASCADE,
    sheet text NOT NULL,
    row_number bigint NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants,
    correction_id uuid NOT NULL REFERENCES uploads ON DELETE CASCADE,
    cells jsonb NOT NULL,
    PRIMARY KEY (upload_id, sheet, row_number)
);
ALTER TABLE upload_corrections ENABLE ROW LEVEL SECURITY;
ALTER TABLE upload_corrections FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON upload_corrections TO networx_app, networx_loader, networx_report
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
GRANT SELECT ON upload_corrections TO networx_app, networx_loader, networx_report;
GRANT INSERT, UPDATE ON upload_corrections TO networx_loader;
GRANT DELETE ON upload_corrections TO networx_app;

-- The same file as it stands and with rows corrected are two contents: the second is named by its rows too.
ALTER TABLE datasets ADD COLUMN correction_sha256 text NOT NULL DEFAULT '';
ALTER TABLE datasets DROP CONSTRAINT datasets_tenant_id_source_sha256_domain_mapping_version_key;
ALTER TABLE datasets ADD UNIQUE (tenant_id, source_sha256, correction_sha256, domain, mapping_version);
