-- Networks that come in the body of a request: small ones, which the web takes in itself, as its tenant and under the
-- same policies as a loaded file. Larger ones go by upload, and are the loader's.
GRANT INSERT ON datasets, network_facilities, network_destinations, network_forecast, network_lanes, network_parameters
    TO networx_app;
