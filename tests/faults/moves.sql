-- Every change of a task's status or fence, and who was on it, by PostgreSQL itself. Installed in
-- the database of these tests alone. Its owner writes them, whatever role a function works as.
CREATE TABLE IF NOT EXISTS fault_moves (
    number        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id       uuid NOT NULL,
    before        text,           -- NULL: it was inserted
    after         text NOT NULL,
    fence_before  bigint,
    fence_after   bigint NOT NULL,
    attempt       integer NOT NULL,
    worker_before text,
    worker_after  text,
    at            timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS fault_moves_at_idx ON fault_moves (at);

CREATE OR REPLACE FUNCTION fault_note_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF TG_OP = 'INSERT' OR (OLD.status, OLD.fence) IS DISTINCT FROM (NEW.status, NEW.fence) THEN
        INSERT INTO fault_moves (task_id, before, after, fence_before, fence_after, attempt,
                                 worker_before, worker_after)
        VALUES (NEW.id, OLD.status, NEW.status, OLD.fence, NEW.fence, NEW.attempt,
                OLD.worker, NEW.worker);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER fault_moves AFTER INSERT OR UPDATE ON tasks
   FOR EACH ROW EXECUTE FUNCTION fault_note_move();
