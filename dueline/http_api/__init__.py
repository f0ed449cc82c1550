"""HTTP without a framework: a table of routes, plain views, and every error as problem+json."""
