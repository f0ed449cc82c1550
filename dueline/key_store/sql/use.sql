-- use: the key of an id; and note that it was used, if it opens anything and was not noted within
-- the last minute.
-- in   :id, :digest (as \x and hex digits), :now
-- out  the columns that postgres.py reads; no row: there is no such key
WITH noted AS (
    UPDATE api_keys
       SET last_used_at = :now::timestamptz
     WHERE id = :id AND digest = :digest::bytea AND revoked_at IS NULL
       AND coalesce(expires_at > :now::timestamptz, true)
       AND coalesce(last_used_at <= :now::timestamptz - interval '1 minute', true)
)
SELECT id, tenant, name, encode(digest, 'hex'), to_json(scopes)::text, to_json(types)::text,
       (created_at AT TIME ZONE 'UTC')::text, (expires_at AT TIME ZONE 'UTC')::text,
       (revoked_at AT TIME ZONE 'UTC')::text, (last_used_at AT TIME ZONE 'UTC')::text,
       rate::text, burst::text, most_waiting::text
  FROM api_keys
  LEFT JOIN tenants USING (tenant)
 WHERE id = :id
