"""Builds the artefact: one folder and one zip with all three functions and what they import.

The same inputs give the same bytes: pinned and hashed dependencies (infra/requirements.txt), a
fixed order and a fixed date in the zip, bytecode that names no path of this machine.
"""
