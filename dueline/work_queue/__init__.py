"""What is due now: messages of task ids, one queue per lane."""
