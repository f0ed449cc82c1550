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
    overlap          text,                         -- of an occurrence: what it does while another
                                                   -- of its schedule is active; NULL: runs beside
    dedupe_key       text,                         -- at most one unfinished task of a tenant has it
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
    CONSTRAINT tasks_overlap_is_known CHECK (overlap IN ('skip', 'buffer_one', 'buffer_all')),
    CONSTRAINT tasks_overlap_only_of_occurrences CHECK (
        overlap IS NULL OR schedule_id IS NOT NULL),
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

-- refill (pending_page), sweep S1 (earliest_due). With the id, so that a million tasks of one due time
-- can be read page by page
DROP INDEX IF EXISTS tasks_pending_idx;            -- the same without the id, until version 0.1
CREATE INDEX IF NOT EXISTS tasks_due_idx ON tasks (queue, due_at, id) WHERE status = 'pending';
-- sweep S2 (has_unclaimed, reset_unclaimed)
CREATE INDEX IF NOT EXISTS tasks_queued_idx ON tasks (queue, queued_at) WHERE status = 'queued';
-- sweep S3 (end_lost_leases)
CREATE INDEX IF NOT EXISTS tasks_running_idx ON tasks (lease_until) WHERE status = 'running';

-- lists of tasks, by status or of all, the newest first: ids grow with time (list_tasks). Every move
-- to another status writes a new entry, as with the indexes above
CREATE INDEX IF NOT EXISTS tasks_listed_idx ON tasks (tenant, status, id);

-- Whatever ANALYZE has seen, no status has many tasks: else, while nearly all tasks have one and the
-- same, a list of another would be looked for among all of them, in the order of their ids
ALTER TABLE tasks ALTER COLUMN status SET (n_distinct = 10000);

-- A dedupe key is taken until its task has ended: also while it runs, since it may wait again (add,
-- unfinished)
CREATE UNIQUE INDEX IF NOT EXISTS tasks_dedupe_idx ON tasks (tenant, dedupe_key)
    WHERE dedupe_key IS NOT NULL AND status IN ('pending', 'queued', 'running');

-- An instant of a schedule has one task, whoever makes it, and however often (expand, make, skip).
-- Also: occurrences of a schedule (occurrences, made_after, replace, delete, overdue_page,
-- failing_page). A task that is asked for by itself pays nothing for it.
CREATE UNIQUE INDEX IF NOT EXISTS tasks_one_per_occurrence_idx ON tasks (schedule_id, occurrence_at)
    WHERE schedule_id IS NOT NULL;
-- Occurrences that may not overlap: at most one runs, whatever races (docs/decisions/0020)
CREATE UNIQUE INDEX IF NOT EXISTS tasks_one_running_idx ON tasks (schedule_id)
    WHERE overlap IS NOT NULL AND status = 'running';
-- claim: the others of the schedule that run or wait, for occurrences that may not overlap
CREATE INDEX IF NOT EXISTS tasks_overlap_idx ON tasks (schedule_id, execute_at)
    WHERE overlap IS NOT NULL AND status IN ('pending', 'queued', 'running');
-- Occurrences that were made in time and not sent in time (overdue_page)
CREATE INDEX IF NOT EXISTS tasks_made_ahead_idx ON tasks (due_at)
    WHERE status = 'pending' AND schedule_id IS NOT NULL AND due_at = execute_at
      AND created_at < execute_at;
-- Occurrences that failed lately (failing_page)
CREATE INDEX IF NOT EXISTS tasks_failed_occurrence_idx ON tasks (finished_at)
    WHERE status = 'failed' AND schedule_id IS NOT NULL;

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

-- What was answered to a request with an Idempotency-Key, kept with the tasks that it made, for a
-- day at least (add_once).
CREATE TABLE IF NOT EXISTS idempotency_keys (
    tenant      text        NOT NULL,
    key         text        NOT NULL,
    fingerprint text        NOT NULL,              -- of method, path and body
    status      smallint    NOT NULL,
    location    text,
    body        text        NOT NULL,
    created_at  timestamptz NOT NULL,

    CONSTRAINT idempotency_keys_used_once PRIMARY KEY (tenant, key)
);
-- What is old enough to go (add_once)
CREATE INDEX IF NOT EXISTS idempotency_keys_age_idx ON idempotency_keys (tenant, created_at);

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

-- What recurs. Its occurrences are tasks; deleting it leaves them.
CREATE TABLE IF NOT EXISTS schedules (
    id                   uuid        PRIMARY KEY,  -- UUIDv7
    tenant               text        NOT NULL DEFAULT 'default',
    name                 text,                     -- NULL: known by its id alone
    rule                 jsonb       NOT NULL,     -- docs/recurrence.md
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,     -- last edit, pause or resume
    version              integer     NOT NULL DEFAULT 1,  -- rises with each of these: the ETag

    -- The template of its tasks: columns of `tasks`
    type                 text        NOT NULL,
    queue                text        NOT NULL,
    payload              jsonb       NOT NULL,
    tags                 text[],
    max_attempts         smallint    NOT NULL,
    retry                jsonb,
    retry_max_age        interval,                 -- NULL: none
    timeout_seconds      double precision,

    -- Policies
    missed               text        NOT NULL DEFAULT 'latest',
    missed_within        interval    DEFAULT '1 hour',  -- NULL: however late
    missed_pace          interval    NOT NULL DEFAULT '1 second',
    overlap              text,                     -- as in `tasks`
    paused_at            timestamptz,              -- nothing runs of the instants from here
    paused_until         timestamptz,              -- to here; NULL: until someone resumes it
    pause_note           text,
    pause_after_failures integer,

    -- How far its occurrences are made
    next_at              timestamptz,              -- the first that is not; NULL: it has ended
    runs_made            bigint      NOT NULL DEFAULT 0,  -- instants that next_at has passed
    paced_until          timestamptz,              -- when the last that was paced is due
    tzdata_version       text        NOT NULL,     -- of the rules that computed next_at

    CONSTRAINT schedules_name_is_unique UNIQUE (tenant, name),
    CONSTRAINT schedules_missed_is_known CHECK (missed IN ('latest', 'all', 'skip')),
    CONSTRAINT schedules_overlap_is_known CHECK (overlap IN ('skip', 'buffer_one', 'buffer_all')),
    CONSTRAINT schedules_pause_has_a_beginning CHECK (
        paused_at IS NOT NULL OR (paused_until IS NULL AND pause_note IS NULL)),
    CONSTRAINT schedules_failures_are_some CHECK (pause_after_failures > 0)
) WITH (
    fillfactor = 80,                               -- room for next_at to move on
    autovacuum_vacuum_scale_factor = 0.02
);

-- expansion (due_page)
CREATE INDEX IF NOT EXISTS schedules_next_idx ON schedules (next_at) WHERE next_at IS NOT NULL
    AND (paused_at IS NULL OR paused_until IS NOT NULL);
-- a tenant's schedules, newest first (page)
CREATE INDEX IF NOT EXISTS schedules_tenant_idx ON schedules (tenant, id);
-- a change of the time zone rules (outdated_page)
CREATE INDEX IF NOT EXISTS schedules_tzdata_idx ON schedules (tzdata_version)
    WHERE next_at IS NOT NULL;

-- How many tasks there are, kept while they change, so that nobody has to count them
-- (docs/decisions/0040). A statement appends what it changed, one row per kind, and waits for
-- nobody; tick folds these rows into task_counts and task_minutes. All of them together are exact.
-- status: 'created' counts every task, a final status those that are in it. What waits and runs is
-- the difference. n is negative where a task was deleted or is to run again.
CREATE TABLE IF NOT EXISTS task_changes (
    tenant           text             NOT NULL,
    type             text             NOT NULL,
    queue            text             NOT NULL,
    status           text             NOT NULL,
    minute           timestamptz      NOT NULL,    -- of created_at, or of finished_at
    lateness         smallint         NOT NULL DEFAULT -1,  -- duration_bucket() of the first start
    run_time         smallint         NOT NULL DEFAULT -1,  -- and of the last attempt; -1: none
    lateness_seconds double precision NOT NULL DEFAULT 0,   -- their sums
    run_seconds      double precision NOT NULL DEFAULT 0,
    n                integer          NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

CREATE TABLE IF NOT EXISTS task_counts (           -- since ever
    tenant           text             NOT NULL,
    type             text             NOT NULL,
    queue            text             NOT NULL,
    status           text             NOT NULL,
    lateness         smallint         NOT NULL,
    run_time         smallint         NOT NULL,
    lateness_seconds double precision NOT NULL,
    run_seconds      double precision NOT NULL,
    n                bigint           NOT NULL,

    CONSTRAINT task_counts_one_of_a_kind PRIMARY KEY (
        tenant, type, queue, status, lateness, run_time)
) WITH (fillfactor = 50);                          -- each row changes with every fold

CREATE TABLE IF NOT EXISTS task_minutes (          -- the last two days, by minute
    minute           timestamptz      NOT NULL,
    tenant           text             NOT NULL,
    type             text             NOT NULL,
    queue            text             NOT NULL,
    status           text             NOT NULL,
    lateness         smallint         NOT NULL,
    run_time         smallint         NOT NULL,
    n                bigint           NOT NULL,

    CONSTRAINT task_minutes_one_of_a_kind PRIMARY KEY (
        tenant, minute, type, queue, status, lateness, run_time)
) WITH (fillfactor = 70);
CREATE INDEX IF NOT EXISTS task_minutes_age_idx ON task_minutes (minute);

-- The first bound that a duration does not reach, by its place in the list; 0 is the first. The
-- list is that of domain/histograms.py, and never changes but at its end.
CREATE OR REPLACE FUNCTION duration_bucket(duration interval) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(width_bucket(
        extract(epoch FROM duration)::double precision,
        '{0.0001,0.0002,0.0005,0.001,0.002,0.005,0.01,0.02,0.05,0.1,0.2,0.5,1,2,5,10,20,50,
          100,200,500,1000,2000,5000,10000,20000,50000,100000}'::double precision[]), -1)::smallint;

CREATE OR REPLACE FUNCTION count_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $count$
BEGIN
    INSERT INTO task_changes (tenant, type, queue, status, minute, n)
    SELECT tenant, type, queue, what, date_bin('1 minute', at, '2000-01-01Z'), n
      FROM (SELECT tenant, type, queue, status, min(created_at) AS created_at,
                   min(finished_at) AS finished_at, count(*) AS n
              FROM new_tasks
             GROUP BY tenant, type, queue, status) AS kind
     CROSS JOIN LATERAL (VALUES ('created', created_at), (status, finished_at)) AS counted (what, at)
     WHERE at IS NOT NULL;
    RETURN NULL;
END
$count$;

-- The rare moves, row by row. What ends a running task (record, end_lost_leases) counts by itself,
-- in the same way.
CREATE OR REPLACE FUNCTION count_moved_task() RETURNS trigger LANGUAGE plpgsql AS $count$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.finished_at IS NOT NULL THEN
        INSERT INTO task_changes (tenant, type, queue, status, minute, n)
        VALUES (NEW.tenant, NEW.type, NEW.queue, NEW.status,
                date_bin('1 minute', NEW.finished_at, '2000-01-01Z'), 1);
    END IF;
    IF OLD.finished_at IS NOT NULL AND OLD.status IN ('completed', 'failed') THEN
        INSERT INTO task_changes
        VALUES (OLD.tenant, OLD.type, OLD.queue, OLD.status,
                date_bin('1 minute', OLD.finished_at, '2000-01-01Z'),
                duration_bucket(OLD.first_started_at - OLD.execute_at),
                duration_bucket(OLD.finished_at - OLD.started_at),
                coalesce(-extract(epoch FROM OLD.first_started_at - OLD.execute_at), 0),
                coalesce(-extract(epoch FROM OLD.finished_at - OLD.started_at), 0), -1);
    ELSIF OLD.finished_at IS NOT NULL THEN
        INSERT INTO task_changes (tenant, type, queue, status, minute, n)
        VALUES (OLD.tenant, OLD.type, OLD.queue, OLD.status,
                date_bin('1 minute', OLD.finished_at, '2000-01-01Z'), -1);
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO task_changes (tenant, type, queue, status, minute, n)
        VALUES (OLD.tenant, OLD.type, OLD.queue, 'created',
                date_bin('1 minute', OLD.created_at, '2000-01-01Z'), -1);
    END IF;
    RETURN NULL;
END
$count$;

CREATE OR REPLACE FUNCTION count_requeued_task() RETURNS trigger LANGUAGE plpgsql AS $count$
BEGIN
    INSERT INTO task_changes (tenant, type, queue, status, minute, n)
    SELECT NEW.tenant, NEW.type, of_queue, 'created',
           date_bin('1 minute', NEW.created_at, '2000-01-01Z'), n
      FROM (VALUES (OLD.queue, -1), (NEW.queue, 1)) AS moved (of_queue, n);
    RETURN NULL;
END
$count$;

-- With the triggers, so that nothing comes between: the tasks that are there already.
DO $begin$
BEGIN
    IF EXISTS (SELECT FROM pg_trigger
                WHERE tgrelid = 'tasks'::regclass AND tgname = 'tasks_counted_in') THEN
        RETURN;                                    -- again: and no lock on `tasks` is taken
    END IF;
    CREATE TRIGGER tasks_counted_in AFTER INSERT ON tasks
        REFERENCING NEW TABLE AS new_tasks
        FOR EACH STATEMENT EXECUTE FUNCTION count_new_tasks();
    CREATE TRIGGER tasks_counted_when_moved AFTER UPDATE OF status ON tasks FOR EACH ROW
        WHEN (OLD.status <> 'running' AND (OLD.finished_at IS NULL) <> (NEW.finished_at IS NULL))
        EXECUTE FUNCTION count_moved_task();
    CREATE TRIGGER tasks_counted_when_requeued AFTER UPDATE OF queue ON tasks FOR EACH ROW
        WHEN (OLD.queue <> NEW.queue) EXECUTE FUNCTION count_requeued_task();
    CREATE TRIGGER tasks_counted_out AFTER DELETE ON tasks FOR EACH ROW
        EXECUTE FUNCTION count_moved_task();
    INSERT INTO task_changes (tenant, type, queue, status, minute, n)
    SELECT tenant, type, queue, 'created', date_bin('1 minute', created_at, '2000-01-01Z'), count(*)
      FROM tasks
     GROUP BY 1, 2, 3, 5;
    INSERT INTO task_changes
    SELECT tenant, type, queue, status, date_bin('1 minute', finished_at, '2000-01-01Z'),
           CASE WHEN status IN ('completed', 'failed')
                THEN duration_bucket(first_started_at - execute_at) ELSE -1 END,
           CASE WHEN status IN ('completed', 'failed')
                THEN duration_bucket(finished_at - started_at) ELSE -1 END,
           coalesce(extract(epoch FROM sum(first_started_at - execute_at)
                                       FILTER (WHERE status IN ('completed', 'failed'))), 0),
           coalesce(extract(epoch FROM sum(finished_at - started_at)
                                       FILTER (WHERE status IN ('completed', 'failed'))), 0),
           count(*)
      FROM tasks
     WHERE finished_at IS NOT NULL
     GROUP BY 1, 2, 3, 4, 5, 6, 7;
END
$begin$;

-- What the functions have done since ever, by name: repairs, results that came too late
CREATE TABLE IF NOT EXISTS counters (
    name text   PRIMARY KEY,
    n    bigint NOT NULL
);

-- When a tick last served a lane. One that is silent for long sends nothing that falls due.
CREATE TABLE IF NOT EXISTS beats (
    lane text        PRIMARY KEY,
    at   timestamptz NOT NULL
);

-- Keys of the HTTP API (DUELINE_ACCESS=keys). Not held to a tenant: a key is what says which.
CREATE TABLE IF NOT EXISTS api_keys (
    id           text        PRIMARY KEY,          -- the part of a key that is no secret
    tenant       text        NOT NULL,
    name         text        NOT NULL,             -- for people: who or what uses it
    digest       bytea       NOT NULL,             -- SHA-256 of the part that is
    scopes       text[]      NOT NULL,
    types        text[],                           -- the only task types that it opens; NULL: all
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,                      -- NULL: never
    revoked_at   timestamptz,
    last_used_at timestamptz,                      -- to the minute

    CONSTRAINT api_keys_digest_is_sha_256 CHECK (octet_length(digest) = 32)
);

-- What a tenant may ask for, where that is not what the settings say. A tenant needs no row.
CREATE TABLE IF NOT EXISTS tenants (
    tenant       text             PRIMARY KEY,
    rate         double precision,                 -- requests per second; NULL: the setting, 0: any
    burst        integer,                          -- requests at once
    most_waiting integer,                          -- tasks that have not ended

    CONSTRAINT tenants_limits_are_none_or_more CHECK (rate >= 0 AND burst >= 1 AND most_waiting >= 0)
);

-- The second lock between tenants (docs/access.md; the first is the WHERE of every statement). What
-- function `schedule` does for a tenant runs as dueline_tenant, which sees the rows of the setting
-- dueline.tenant alone, and no row where that is not set. tick and execute serve all tenants, and
-- pay nothing for it. Every table with a column `tenant` is locked, also one that is new.
DO $lock$
DECLARE
    locked name;
BEGIN
    BEGIN
        CREATE ROLE dueline_tenant NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;                                      -- roles belong to the server, not to a database
    END;
    -- So that it may SET ROLE, and so may whoever is in its role. A superuser may without: those in
    -- its role may not, which is why membership alone is asked for.
    IF NOT EXISTS (SELECT FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = member
                    WHERE roleid = 'dueline_tenant'::regrole AND rolname = current_user)
       AND (NOT pg_has_role(current_user, 'dueline_tenant', 'MEMBER')
            OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)) THEN
        GRANT dueline_tenant TO CURRENT_USER;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO dueline_tenant', current_schema());
    FOR locked IN
        SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
         WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
           AND attname = 'tenant' AND relname <> 'api_keys'
           AND relname NOT IN (SELECT tablename FROM pg_policies
                                WHERE schemaname = current_schema()
                                  AND policyname = 'of_the_tenant')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', locked);
        EXECUTE format('CREATE POLICY of_the_tenant ON %I TO dueline_tenant'
                       ' USING (tenant = current_setting(''dueline.tenant'', true))', locked);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO dueline_tenant', locked);
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_policies
                    WHERE schemaname = current_schema() AND tablename = 'attempts') THEN
        ALTER TABLE attempts ENABLE ROW LEVEL SECURITY;
        CREATE POLICY of_the_tenant ON attempts TO dueline_tenant
               USING (EXISTS (SELECT FROM tasks WHERE tasks.id = task_id));  -- of those it sees
        GRANT SELECT ON attempts TO dueline_tenant;
    END IF;
END
$lock$;

COMMIT;
