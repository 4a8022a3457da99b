"""The members of results, a module a scenario type; `networx.results.schema` makes the published schema of them."""
