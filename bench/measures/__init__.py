"""One file for each thing that is measured; `catalogue.py` has them in the report's order."""
