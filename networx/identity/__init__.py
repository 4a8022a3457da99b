"""Who may do what: API keys, people and tenants as the record has them. Who is asking is told apart in networx.api."""
