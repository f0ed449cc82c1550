-- server_time: the database's clock as it is now, not as it was when the transaction began.
-- out  one row: instant
SELECT (clock_timestamp() AT TIME ZONE 'UTC')::text
