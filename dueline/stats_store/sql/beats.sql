-- beats: when a tick last served each lane.
-- out  rows: lane, at
SELECT lane, (at AT TIME ZONE 'UTC')::text FROM beats
