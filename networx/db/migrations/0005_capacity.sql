-- A scenario may be a capacity analysis.
ALTER TABLE scenarios DROP CONSTRAINT scenarios_type_check;
ALTER TABLE scenarios ADD CONSTRAINT scenarios_type_check CHECK (type IN ('transport', 'capacity'));
