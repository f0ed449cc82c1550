"""Measurements, of dueline alone and beside other schedulers: `python -m bench --help`.

Nothing here is asserted in a test: speed is reported, in docs/benchmarks.
"""
