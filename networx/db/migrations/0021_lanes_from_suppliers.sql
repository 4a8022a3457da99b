-- Lanes from suppliers have modes, capacities, zones and years like any others, and may be priced by Rates.
ALTER TABLE network_inbound_lanes
    ALTER COLUMN cost_per_unit DROP NOT NULL,
    ADD COLUMN capacity_units float8 CHECK (capacity_units >= 0),
    ADD COLUMN mode text,
    ADD COLUMN year float8,
    ADD COLUMN zone text;
