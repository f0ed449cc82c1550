"""API keys, kept in PostgreSQL."""
