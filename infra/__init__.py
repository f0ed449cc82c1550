"""Everything that a deployment needs. docs/deploy.md says how to use it."""
