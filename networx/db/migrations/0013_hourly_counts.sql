-- What happens too often to be written one by one and is reported by the week: how often in each hour (UTC), added up by
-- the processes that count. An hour in which nobody counted has no row, and is not known. Run by networx_owner.
CREATE TABLE hourly_counts (
    hour timestamptz NOT NULL CHECK (hour = date_trunc('hour', hour, 'UTC')),
    name text NOT NULL CHECK (name <> ''),
    number bigint NOT NULL CHECK (number >= 0),
    PRIMARY KEY (hour, name)
);
-- Nobody's in particular: no tenant's role has a use for it.
GRANT SELECT, INSERT, UPDATE ON hourly_counts TO networx_system;
