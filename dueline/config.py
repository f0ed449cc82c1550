"""Settings: one frozen value, read from the environment by `Settings.from_env`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from dueline.domain.callers import TENANT_PATTERN, Access
from dueline.domain.errors import BadSetting
from dueline.domain.lanes import QUEUE_PATTERN, SLOTS, LaneMap
from dueline.domain.limits import Limits
from dueline.domain.tasks import DEFAULT_TENANT
from dueline.secrets import WANTED_NAME, is_secret_name

EVERYONE_DEFAULT: Mapping[str, str] = MappingProxyType({"*": DEFAULT_TENANT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an operator may tune. Names in the environment are in `from_env`."""

    postgres_url: str
    redis_url: str
    work_queue_url: str  # amqp(s)://… is RabbitMQ, redis(s)://… is Redis Streams
    lanes: LaneMap  # every queue that `execute` serves, and how many lanes it has
    routes: Mapping[str, str]  # task type → queue, for types that are not to go to `default`
    outside: frozenset[str]  # queues that workers of your own consume; dueline runs no handler
    handler_modules: tuple[str, ...]  # imported to register handlers
    access: Access = Access.KEYS  # how the HTTP API knows who asks
    # For Access.IAM: the tenant of each principal (http_api/access.py)
    iam_tenants: Mapping[str, str] = field(default_factory=lambda: EVERYONE_DEFAULT)
    limits: Limits = field(default_factory=Limits)  # of each tenant that has none of its own
    cors_origins: tuple[str, ...] = ()  # exact origins, or "*"; none: no CORS headers
    metrics_namespace: str = ""  # where metrics in the log belong (CloudWatch); none: no metrics
    threads: int = 8  # handlers that one execute environment runs side by side

    # Where the logins lie that the URLs leave out (secrets.py); "" for a URL that is complete
    postgres_secret: str = ""
    redis_secret: str = ""
    work_queue_secret: str = ""

    # The near future
    horizon: timedelta = timedelta(minutes=15)  # what is due within it lies in Redis
    slack: timedelta = timedelta(minutes=2)  # longest time from insert to commit in `schedule`

    # Dispatch
    lead: timedelta = timedelta(milliseconds=50)  # ids leave this much before they are due
    page: int = 100  # most ids in one message
    dispatch_batch: int = 2_000  # most ids in one round of a lane
    in_flight_lease: timedelta = timedelta(seconds=30)
    publish_deadline: timedelta = timedelta(seconds=5)
    longest_wait: timedelta = timedelta(seconds=1)  # tick looks around at least this often

    # Recurrence. Longer than S1 takes to repair: what is late for that is not missed
    missed_after: timedelta = timedelta(seconds=10)  # an occurrence not sent this long past due

    # Repair
    overdue_grace: timedelta = timedelta(seconds=5)  # S1: pending this long past due
    unclaimed_after: timedelta = timedelta(seconds=60)  # S2: queued this long, lane's queue empty
    lease: timedelta = timedelta(seconds=60)  # S3: how long a claim holds without a renewal
    renew_every: timedelta = timedelta(seconds=20)

    @property
    def reach(self) -> timedelta:
        """What is due within this leaves too when something within `lead` does: a steady stream
        leaves in groups, not one by one."""
        return self.lead * 1.2

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read DUELINE_* variables. Raises BadSetting naming variable, value and what is wanted."""
        lanes = _lanes(env)
        lease = _seconds(env, "DUELINE_LEASE_SECONDS", 60)
        return cls(
            postgres_url=_url(env, "DUELINE_POSTGRES_URL", "postgresql"),
            redis_url=_url(env, "DUELINE_REDIS_URL", "redis", "rediss"),
            work_queue_url=_url(env, "DUELINE_WORK_QUEUE_URL", "amqp", "amqps", "redis", "rediss"),
            lanes=lanes,
            routes=_routes(env, lanes),
            outside=frozenset(_names(env, "DUELINE_OUTSIDE_QUEUES", "")),
            handler_modules=_names(env, "DUELINE_HANDLERS", "handlers"),
            access=_access(env),
            iam_tenants=_iam_tenants(env),
            limits=_limits(env),
            cors_origins=_names(env, "DUELINE_CORS_ORIGINS", ""),
            metrics_namespace=env.get("DUELINE_METRICS_NAMESPACE", ""),
            threads=_whole(env, "DUELINE_THREADS", 8, most=256),
            postgres_secret=_secret(env, "DUELINE_POSTGRES_SECRET"),
            redis_secret=_secret(env, "DUELINE_REDIS_SECRET"),
            work_queue_secret=_secret(env, "DUELINE_WORK_QUEUE_SECRET"),
            horizon=_seconds(env, "DUELINE_HORIZON_SECONDS", 900),
            overdue_grace=_seconds(env, "DUELINE_OVERDUE_GRACE_SECONDS", 5),
            unclaimed_after=_seconds(env, "DUELINE_UNCLAIMED_AFTER_SECONDS", 60),
            in_flight_lease=_seconds(env, "DUELINE_IN_FLIGHT_LEASE_SECONDS", 30),
            lease=lease,
            renew_every=lease / 3,
        )


def masked(url: str) -> str:
    """A URL that may be shown: its password replaced by ***."""
    return re.sub(r"(://[^:/@]*:).*@", r"\1***@", url)


def _url(env: Mapping[str, str], name: str, *schemes: str) -> str:
    value = env.get(name, "")
    if value.partition("://")[0] not in schemes:
        raise BadSetting(name, masked(value), f"a URL that begins with {schemes[0]}://")
    return value


def _secret(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if value and not is_secret_name(value):
        # Not shown: it may well be the password that belongs where this ought to point.
        raise BadSetting(name, "***", WANTED_NAME)
    return value


def _access(env: Mapping[str, str]) -> Access:
    value = env.get("DUELINE_ACCESS", Access.KEYS)
    if value not in set(Access):
        raise BadSetting("DUELINE_ACCESS", value, f"one of {', '.join(Access)}")
    return Access(value)


def _iam_tenants(env: Mapping[str, str]) -> Mapping[str, str]:
    tenants = _pairs(env, "DUELINE_IAM_TENANTS", "") or EVERYONE_DEFAULT
    for principal, tenant in tenants.items():
        if not re.fullmatch(TENANT_PATTERN, tenant):
            want = f"tenants that match {TENANT_PATTERN}"
            raise BadSetting("DUELINE_IAM_TENANTS", f"{principal}={tenant}", want)
    return tenants


def _limits(env: Mapping[str, str]) -> Limits:
    rate = env.get("DUELINE_RATE", "0")
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", rate):
        raise BadSetting("DUELINE_RATE", rate, "requests per second; 0 for no limit")
    burst = _whole(env, "DUELINE_BURST", 0, least=0, most=1_000_000) or None
    most_waiting = _whole(env, "DUELINE_MOST_WAITING", 0, least=0, most=1_000_000_000)
    return Limits(rate=float(rate), burst=burst, most_waiting=most_waiting)


def _names(env: Mapping[str, str], name: str, default: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in env.get(name, default).split(",") if part.strip())


def _pairs(env: Mapping[str, str], name: str, default: str) -> dict[str, str]:
    pairs = dict.fromkeys(_names(env, name, default), "")
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals and value):
            raise BadSetting(name, pair, "name=value pairs with commas between")
    return {pair.partition("=")[0]: pair.partition("=")[2] for pair in pairs}


def _lanes(env: Mapping[str, str]) -> LaneMap:
    name = "DUELINE_QUEUES"
    counts: dict[str, int] = {}
    for queue, count in _pairs(env, name, "default=1").items():
        if not re.fullmatch(QUEUE_PATTERN, queue):
            raise BadSetting(name, queue, f"queue names that match {QUEUE_PATTERN}")
        if not count.isdecimal() or not 1 <= int(count) <= SLOTS:
            raise BadSetting(name, f"{queue}={count}", f"1 to {SLOTS} lanes per queue")
        counts[queue] = int(count)
    if "default" not in counts:
        raise BadSetting(name, env.get(name, ""), "a queue called default among them")
    return LaneMap(counts)


def _routes(env: Mapping[str, str], lanes: LaneMap) -> dict[str, str]:
    routes = _pairs(env, "DUELINE_ROUTES", "")
    for type_, queue in routes.items():
        if queue not in lanes.counts:
            raise BadSetting("DUELINE_ROUTES", f"{type_}={queue}", "a queue of DUELINE_QUEUES")
    return routes


def _whole(env: Mapping[str, str], name: str, default: int, *, least: int = 1, most: int) -> int:
    value = env.get(name, str(default))
    if not value.isdecimal() or not least <= int(value) <= most:
        raise BadSetting(name, value, f"a whole number from {least} to {most}")
    return int(value)


def _seconds(env: Mapping[str, str], name: str, default: float) -> timedelta:
    value = env.get(name, str(default))
    if not re.fullmatch(r"\d{1,7}(\.\d{1,6})?", value) or float(value) == 0:
        raise BadSetting(name, value, "a number of seconds above 0")
    return timedelta(seconds=float(value))
