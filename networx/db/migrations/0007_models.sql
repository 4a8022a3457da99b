-- Uploads that are models: what a file turned out to be, told apart from the rows of a workbook. Run by networx_owner.

-- Null until the file was looked at, and for what was refused unrecognised. `model` says of a model what it is written
-- in, whether it is packed, and its own name: {"format", "packed", "name"}.
ALTER TABLE uploads
    ADD COLUMN kind text CHECK (kind IN ('workbook', 'model')),
    ADD COLUMN model jsonb,
    ADD CHECK ((kind IS NOT DISTINCT FROM 'model') = (model IS NOT NULL));

-- Everything that was taken in until now was a workbook. The forced policies hide every row from the owner, who runs
-- this.
ALTER TABLE uploads NO FORCE ROW LEVEL SECURITY;
UPDATE uploads SET kind = 'workbook' WHERE job_id IS NOT NULL;
ALTER TABLE uploads FORCE ROW LEVEL SECURITY;
