-- dueline: the whole database. Safe to apply again. PostgreSQL 15 or later.
--
-- A task row is its own outbox: Redis and RabbitMQ only speed up finding it. Statuses and moves
-- are drawn in docs/state-machine.md. `fence` rises with every change of hands; a statement that
-- changes a task names the fence it saw, and does nothing if it is no longer that one.

BEGIN;

-- Two that apply it at once would race between IF NOT EXISTS and CREATE.
SELECT pg_advisory_xact_lock(hashtext('dueline: schema.sql'));

CREATE TABLE IF NOT EXISTS tasks (
    id               uuid        PRIMARY KEY,      -- UUIDv7; its last byte is the slot (lanes)
    tenant           text        NOT NULL DEFAULT 'default',  -- whose it is
    type             text        NOT NULL,
    queue            text        NOT NULL,
    status           text        NOT NULL DEFAULT 'pending',
    payload          jsonb       NOT NULL,
    execute_at       timestamptz NOT NULL,         -- the moment asked for
    due_at           timestamptz NOT NULL,         -- when it is next to run
    created_at       timestamptz NOT NULL,
    tags             text[],                       -- words to find it by; NULL: none
    schedule_id      uuid,                         -- the schedule that it is an occurrence of,
    occurrence_at    timestamptz,                  -- and which one; NULL: asked for by itself
    dedupe_key       text,                         -- at most one waiting task of a tenant has it
    fence            bigint      NOT NULL DEFAULT 0,
    attempt          smallint    NOT NULL DEFAULT 0,  -- attempts begun
    max_attempts     smallint    NOT NULL,
    retry            jsonb,                        -- the rest of the policy; NULL: the default, else
                                                   -- {"backoff": "linear", "base_seconds": 2,
                                                   --  "cap_seconds": 600, "jitter": true}
    retry_until      timestamptz,                  -- execute_at + max_age; no new attempt after it
    timeout_seconds  double precision,
    expires_at       timestamptz,                  -- not worth starting after it
    queued_at        timestamptz,
    lease_until      timestamptz,
    worker           text,
    first_started_at timestamptz,
    started_at       timestamptz,
    finished_at      timestamptz,
    cancel_requested boolean     NOT NULL DEFAULT false,  -- asked while running; the handler can see it
    result           jsonb,
    error            text,

    CONSTRAINT tasks_status_is_known CHECK (status IN
        ('pending', 'queued', 'running', 'completed', 'failed', 'cancelled', 'skipped')),
    CONSTRAINT tasks_occurrence_of_a_schedule CHECK (
        (schedule_id IS NULL) = (occurrence_at IS NULL)),
    CONSTRAINT tasks_never_due_before_asked CHECK (due_at >= execute_at),
    CONSTRAINT tasks_leased_while_running CHECK ((status = 'running') = (lease_until IS NOT NULL)),
    CONSTRAINT tasks_finished_when_final CHECK (
        (status IN ('completed', 'failed', 'cancelled', 'skipped')) = (finished_at IS NOT NULL)),
    -- So that a claim, which takes a whole batch, never meets a row that it may not count up.
    CONSTRAINT tasks_attempt_left_while_waiting CHECK (
        attempt + (status IN ('pending', 'queued'))::int <= max_attempts),
    CONSTRAINT tasks_result_only_of_completed CHECK (result IS NULL OR status = 'completed')
) WITH (
    fillfactor = 70,                               -- room for the three updates that a task gets
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_analyze_scale_factor = 0.02
);

-- refill (pending_page), sweep S1 (overdue tasks, also pending_page)
CREATE INDEX IF NOT EXISTS tasks_pending_idx ON tasks (queue, due_at) WHERE status = 'pending';
-- sweep S2 (has_unclaimed, reset_unclaimed)
CREATE INDEX IF NOT EXISTS tasks_queued_idx ON tasks (queue, queued_at) WHERE status = 'queued';
-- sweep S3 (end_lost_leases)
CREATE INDEX IF NOT EXISTS tasks_running_idx ON tasks (lease_until) WHERE status = 'running';

-- One try of a task that failed or lost its lease. The current or successful one is in `tasks`.
CREATE TABLE IF NOT EXISTS attempts (
    task_id    uuid        NOT NULL,               -- no foreign key: rows outlive archived tasks
    attempt    smallint    NOT NULL,
    started_at timestamptz,
    ended_at   timestamptz NOT NULL,
    outcome    text        NOT NULL,
    error      text        NOT NULL,
    worker     text,

    CONSTRAINT attempts_one_row_each PRIMARY KEY (task_id, attempt),  -- also: attempts of a task
    CONSTRAINT attempts_outcome_is_known CHECK (outcome IN ('failed', 'lease_lost'))
);

-- Messages that could not be read, kept for a person to look at.
CREATE TABLE IF NOT EXISTS poison (
    digest     bytea       NOT NULL,               -- SHA-256 of the body
    lane       text        NOT NULL,
    body       bytea       NOT NULL,
    reason     text        NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL,
    times      integer     NOT NULL DEFAULT 1,

    CONSTRAINT poison_kept_once PRIMARY KEY (digest, lane)
);

COMMIT;
