-- fold: what changed becomes part of the counts (tick). Whole or not at all: nothing is counted
-- twice, and a reader sees it on one side or the other. One at a time; another does nothing.
-- in   :limit, :forget_before
-- out  one row: how many rows were folded
-- By ctid, which is safe here: these rows never change, and nobody else deletes them meanwhile.
WITH alone AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtext('dueline: fold')) AS so
), changed AS (
    DELETE FROM task_changes
     WHERE ctid = ANY (ARRAY (SELECT ctid FROM task_changes WHERE (SELECT so FROM alone)
                               LIMIT :limit::bigint))
    RETURNING *
), counts AS (
    INSERT INTO task_counts AS counts (tenant, type, queue, status, lateness, run_time,
                                       lateness_seconds, run_seconds, n)
    SELECT tenant, type, queue, status, lateness, run_time,
           sum(lateness_seconds), sum(run_seconds), sum(n)
      FROM changed
     GROUP BY tenant, type, queue, status, lateness, run_time
        ON CONFLICT ON CONSTRAINT task_counts_one_of_a_kind DO UPDATE
       SET n = counts.n + excluded.n,
           lateness_seconds = counts.lateness_seconds + excluded.lateness_seconds,
           run_seconds = counts.run_seconds + excluded.run_seconds
), minutes AS (
    INSERT INTO task_minutes AS minutes (minute, tenant, type, queue, status, lateness, run_time, n)
    SELECT minute, tenant, type, queue, status, lateness, run_time, sum(n)
      FROM changed
     WHERE minute >= :forget_before::timestamptz
     GROUP BY minute, tenant, type, queue, status, lateness, run_time
        ON CONFLICT ON CONSTRAINT task_minutes_one_of_a_kind DO UPDATE
       SET n = minutes.n + excluded.n
), forgotten AS (
    DELETE FROM task_minutes
     WHERE minute < :forget_before::timestamptz AND (SELECT so FROM alone)
)
SELECT count(*)::text FROM changed
