-- Whose plan a sensitivity asks about: found when that plan is looked at.
CREATE INDEX jobs_about_another ON jobs ((params ->> 'of_job_id'), created_at DESC) WHERE kind = 'sensitivity';
-- A scenario may look for places where nothing stands yet.
ALTER TABLE scenarios DROP CONSTRAINT scenarios_type_check;
ALTER TABLE scenarios ADD CONSTRAINT scenarios_type_check
    CHECK (type IN ('transport', 'capacity', 'warehouse', 'inventory', 'integrated', 'greenfield', 'baseline'));
