"""The words and rules of dueline. Standard library and cronsim only; no I/O, no clock."""
