"""Projects and scenarios: what a client wants solved, kept as versions that never change."""
