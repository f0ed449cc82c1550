-- kept_answer: what was answered to the request that used an idempotency key.
-- in   :tenant, :key
-- out  one row if it has been used: fingerprint, status, location, body
SELECT fingerprint, status::text, location, body
  FROM idempotency_keys
 WHERE tenant = :tenant AND key = :key
