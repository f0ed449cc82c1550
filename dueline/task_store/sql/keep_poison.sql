-- keep_poison: keep a message that cannot be read, once per body and lane (execute, step D0).
-- in   :body (as \x and hex digits), :lane, :reason, :now
INSERT INTO poison (digest, lane, body, reason, first_seen, last_seen)
VALUES (sha256(:body::bytea), :lane, :body::bytea, :reason, :now::timestamptz, :now::timestamptz)
    ON CONFLICT ON CONSTRAINT poison_kept_once DO UPDATE
   SET last_seen = greatest(poison.last_seen, excluded.last_seen), times = poison.times + 1
