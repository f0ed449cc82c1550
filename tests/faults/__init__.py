"""Faults on real servers: function processes that die at named steps, servers that are killed,
frozen, flushed and cut off. docs/faults.md says what is held and how to replay a run."""
