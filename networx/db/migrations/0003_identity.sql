-- Who may do what: API keys that are never stored, people, tenants that can be closed, and a record of every change.
-- Run by networx_owner.

-- --- Scopes ---

-- What a key or a person may do: read, write and admin within its tenant, operator beyond it.
CREATE FUNCTION are_scopes(scopes text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT scopes <@ ARRAY['read', 'write', 'admin', 'operator'] $$;

-- --- Tenants ---

-- A tenant that is revoked keeps its data; nobody enters it until it is restored.
ALTER TABLE tenants ADD COLUMN revoked_at timestamptz;

-- --- API keys ---

-- Keys stored the old way, as a plain digest, cannot be told under the pepper: they end here. The forced policies hide
-- every row from the owner, who runs this.
ALTER TABLE api_keys NO FORCE ROW LEVEL SECURITY;
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now());
ALTER TABLE api_keys
    FORCE ROW LEVEL SECURITY,
    DROP COLUMN secret_sha256,
    ADD COLUMN secret_hmac bytea CHECK (octet_length(secret_hmac) = 32),   -- HMAC-SHA256 under the pepper
    ADD COLUMN created_by text NOT NULL DEFAULT 'unknown',
    ADD COLUMN last_used_at timestamptz,                                   -- written at most once a minute
    ADD COLUMN rotated_from uuid UNIQUE REFERENCES api_keys,               -- the key that this one replaces
    ADD CHECK (are_scopes(scopes)),
    ADD CHECK (secret_hmac IS NOT NULL OR revoked_at IS NOT NULL);
ALTER TABLE api_keys ALTER COLUMN created_by DROP DEFAULT;
CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, created_at DESC);
-- Whoever judges keys is networx_system; no other role has a use for what stands here.
REVOKE SELECT ON api_keys FROM networx_app, networx_loader, networx_report;

-- --- People ---

-- Whom a sign-in stands for. A person who was named by e-mail is bound to the issuer's subject at the first sign-in;
-- from then on the subject alone counts.
CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    tenant_id uuid NOT NULL REFERENCES tenants,
    email text CHECK (email <> '' AND email = lower(email)),
    subject text CHECK (subject <> ''),
    scopes text[] NOT NULL CHECK (are_scopes(scopes)),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    last_seen_at timestamptz,
    revoked_at timestamptz,
    CHECK (email IS NOT NULL OR subject IS NOT NULL)
);
-- One person is of one tenant.
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX users_by_subject ON users (subject) WHERE revoked_at IS NULL;
CREATE INDEX users_of_tenant ON users (tenant_id, created_at DESC);

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_system ON users TO networx_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON users TO networx_system;

-- --- The audit ---

-- Who did what to what, when and from where, written in the transaction of the change itself. `tenant_id` is whose thing
-- was changed, null where it is nobody's alone (a queue); no reference, for the audit outlives what it tells of.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    tenant_id uuid,
    actor text NOT NULL CHECK (actor <> ''),
    actor_id uuid,                       -- of the key or the person
    action text NOT NULL CHECK (action ~ '^[a-z]+\.[a-z_]+$'),
    target text NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    address text,                        -- from where; null for what no request did
    request_id text
);
CREATE INDEX audit_of_tenant ON audit (tenant_id, id DESC);

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON audit TO networx_app
    USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
CREATE POLICY of_the_system ON audit TO networx_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON audit TO networx_app, networx_system;

-- Not by its owner either: what was written stays as it was written.
CREATE FUNCTION keep_audit() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();
