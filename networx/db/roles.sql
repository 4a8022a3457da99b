-- The five roles of NetWORX and what limits them. Run by the cluster's master user, once and again at will;
-- passwords are set apart (ALTER ROLE), timeouts stand on the roles because the proxy refuses options at connect.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['networx_owner', 'networx_app', 'networx_loader', 'networx_system', 'networx_report']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', role_name);
        END IF;
        EXECUTE format('ALTER ROLE %I SET search_path = networx', role_name);
        EXECUTE format('ALTER ROLE %I SET timezone = ''UTC''', role_name);
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''10min''', role_name);
    END LOOP;
END
$$;

-- Who creates a role administers it, and no more; to make the owner's database it must be able to be the owner.
GRANT networx_owner TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;

ALTER ROLE networx_app SET statement_timeout = '30s';
ALTER ROLE networx_system SET statement_timeout = '30s';
ALTER ROLE networx_report SET statement_timeout = '30s';
ALTER ROLE networx_report SET default_transaction_read_only = on;
-- Loads and migrations run as long as they need.
ALTER ROLE networx_loader SET statement_timeout = 0;
ALTER ROLE networx_owner SET statement_timeout = 0;
ALTER ROLE networx_owner SET lock_timeout = '5s';

-- The database monitor reads of every session how long its transaction has lasted. A master that may not grant this
-- deploys all the same: the monitor then says each minute what it cannot see.
DO $$
BEGIN
    GRANT pg_monitor TO networx_system;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'networx_system is not granted pg_monitor: %', SQLERRM;
END
$$;
