"""Figures of the market from public sources and from clients' own files, each with its source, age and confidence."""
