-- ping: fails if a table is not there, or may not be read.
SELECT FROM tasks, attempts, poison LIMIT 0
