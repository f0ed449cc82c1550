-- What `dueline doctor` reports of the server: version, its number, time, synchronous_commit.
-- Touches no table.
SELECT current_setting('server_version'),
       current_setting('server_version_num'),
       clock_timestamp()::text,
       current_setting('synchronous_commit')
