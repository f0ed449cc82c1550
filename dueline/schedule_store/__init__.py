"""Schedules: the promise (interface.py), PostgreSQL, and memory."""
