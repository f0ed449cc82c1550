"""How many tasks there are and how they fare, kept while they change."""
