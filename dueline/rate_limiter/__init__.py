"""How many requests of a tenant are let through."""
