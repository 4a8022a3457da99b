-- The cells of a row that waits for a decision, as [header, cell] in their order, beside the first of its problems.
ALTER TABLE upload_problems ADD COLUMN row_cells jsonb;
-- Whoever refuses the file has its rows forgotten.
GRANT UPDATE (row_cells) ON upload_problems TO networx_app;
