-- beat: a tick serves lanes, and has done more since its last beat.
-- in   :lanes array; :now; :names, :numbers arrays of one length, what to add to which counter
WITH counted AS (
    INSERT INTO counters (name, n)
    SELECT name, n FROM unnest(:names::text[], :numbers::bigint[]) AS added (name, n) ORDER BY name
        ON CONFLICT (name) DO UPDATE SET n = counters.n + excluded.n
)
INSERT INTO beats (lane, at)
SELECT lane, :now::timestamptz FROM unnest(:lanes::text[]) AS served (lane) ORDER BY lane
    ON CONFLICT (lane) DO UPDATE SET at = greatest(beats.at, excluded.at)
