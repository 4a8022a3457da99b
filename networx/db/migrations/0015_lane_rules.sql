-- What a lane carries at most, how long it takes, by which mode, and in which year alone it counts.
ALTER TABLE network_lanes
    ADD COLUMN transit_days float8 CHECK (transit_days >= 0),
    ADD COLUMN capacity_units float8 CHECK (capacity_units >= 0),
    ADD COLUMN mode text,
    ADD COLUMN year float8;
