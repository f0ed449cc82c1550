"""The truth: tasks in PostgreSQL."""
