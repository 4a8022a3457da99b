-- Rates may be fitted to shipments by a scenario of its own.
ALTER TABLE scenarios DROP CONSTRAINT scenarios_type_check;
ALTER TABLE scenarios ADD CONSTRAINT scenarios_type_check
    CHECK (type IN ('transport', 'capacity', 'warehouse', 'inventory', 'integrated', 'greenfield', 'baseline', 'rates'));
ALTER TABLE scenarios DROP CONSTRAINT scenarios_datasets_check;
ALTER TABLE scenarios ADD CONSTRAINT scenarios_datasets_check
    CHECK ((type IN ('baseline', 'rates')) = (transport_dataset_id IS NOT NULL)
           AND (type IN ('baseline', 'rates') OR network_dataset_id IS NOT NULL));

-- What the rows carry that keep a file of shipments waiting for a decision, and of which file those were left out.
ALTER TABLE uploads ADD COLUMN bad_rows jsonb;
-- A file that is read again after a decision has its problems told anew.
GRANT DELETE ON upload_problems TO networx_loader, networx_system;
