-- add: keep a new key. An id that is there already is left alone: so this can be repeated.
-- in   :id, :tenant, :name, :digest (as \x and hex digits), :scopes, :task_types (NULL: all),
--      :created_at, :expires_at (NULL: never)
INSERT INTO api_keys (id, tenant, name, digest, scopes, types, created_at, expires_at)
VALUES (:id, :tenant, :name, :digest::bytea, :scopes::text[], :task_types::text[],
        :created_at::timestamptz, :expires_at::timestamptz)
    ON CONFLICT (id) DO NOTHING
