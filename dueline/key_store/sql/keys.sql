-- keys: every key of a tenant, or of all.
-- in   :tenant (NULL: all)
-- out  rows, by tenant and age: the columns that postgres.py reads
SELECT id, tenant, name, encode(digest, 'hex'), to_json(scopes)::text, to_json(types)::text,
       (created_at AT TIME ZONE 'UTC')::text, (expires_at AT TIME ZONE 'UTC')::text,
       (revoked_at AT TIME ZONE 'UTC')::text, (last_used_at AT TIME ZONE 'UTC')::text,
       rate::text, burst::text, most_waiting::text
  FROM api_keys
  LEFT JOIN tenants USING (tenant)
 WHERE tenant = coalesce(:tenant, tenant)
 ORDER BY tenant, created_at, id
