-- revoke: a key opens nothing any more. The first revocation stays: so this can be repeated.
-- in   :id, :now
-- out  the columns that postgres.py reads, as they are after it; no row: there is no such key
WITH revoked AS (
    UPDATE api_keys
       SET revoked_at = coalesce(revoked_at, :now::timestamptz)
     WHERE id = :id
    RETURNING *
)
SELECT id, tenant, name, encode(digest, 'hex'), to_json(scopes)::text, to_json(types)::text,
       (created_at AT TIME ZONE 'UTC')::text, (expires_at AT TIME ZONE 'UTC')::text,
       (revoked_at AT TIME ZONE 'UTC')::text, (last_used_at AT TIME ZONE 'UTC')::text,
       rate::text, burst::text, most_waiting::text
  FROM revoked
  LEFT JOIN tenants USING (tenant)
