"""A downloaded result checked again against its dataset, with no service and no solver."""
