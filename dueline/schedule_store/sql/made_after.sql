-- made_after: how many of a schedule's instants later than :now have been passed by its next_at
-- (schedule: before a change).
-- in   :schedule_id, :tenant, :now, :next_at (NULL: it has ended)
-- out  one row: the number
SELECT count(*)::text
  FROM tasks
 WHERE schedule_id = :schedule_id::uuid AND tenant = :tenant AND occurrence_at > :now::timestamptz
   AND occurrence_at < coalesce(:next_at::timestamptz, 'infinity')
