"""Measurements. Nothing here is asserted in a test: speed is reported."""
