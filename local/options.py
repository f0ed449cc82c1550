"""What a user may choose about a local run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from dueline.config import Settings
from dueline.domain.callers import Access
from dueline.domain.errors import BadSetting

ROOT = Path(__file__).resolve().parents[1]
# What functions get of the user's environment, beside every DUELINE_* variable; more are named
# in DUELINE_ENV. On AWS the template lists them, so nothing may be there by luck.
PASSED_ON = ("SMTP_URL", "MAIL_FROM", "MAIL_TO", "REPORTS_DIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One local run. `environ` is the user's environment."""

    data: Path
    port: int = 8080
    host: str = "127.0.0.1"
    execute: int = 1  # lanes of queue `default`; each has one execute environment, as on AWS
    environ: Mapping[str, str] = field(default_factory=dict)
    freeze: bool = False  # stop environments between events, as AWS does
    tick_every: timedelta = timedelta(minutes=1)
    cache: Path | None = None  # for downloads; a folder in `data` by default
    functions: Path = ROOT / "functions"

    def function_environment(
        self, *, postgres_url: str, redis_url: str, work_queue_url: str, smtp_url: str
    ) -> dict[str, str]:
        """The environment of every function: defaults, the user's settings, the servers."""
        for_this_machine_alone = {"DUELINE_ACCESS": Access.OPEN.value, "DUELINE_CORS_ORIGINS": "*"}
        defaults = {
            **(for_this_machine_alone if self._only_this_machine else {}),
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            "DUELINE_QUEUES": f"default={self.execute}",
            "MAIL_FROM": "dueline@example.com",
            "MAIL_TO": "someone@example.com",
            "REPORTS_DIR": str(self.data / "reports"),
            "SMTP_URL": smtp_url,
            "PYTHONPATH": str(ROOT),
        }
        named = self.environ.get("DUELINE_ENV", "").split(",")
        chosen = {
            name: value
            for name, value in self.environ.items()
            if name.startswith("DUELINE_") or name in PASSED_ON or name in named
        }
        servers = {
            "DUELINE_POSTGRES_URL": postgres_url,
            "DUELINE_REDIS_URL": redis_url,
            "DUELINE_WORK_QUEUE_URL": work_queue_url,
        }
        return defaults | chosen | servers

    @property
    def _only_this_machine(self) -> bool:
        """Whether nobody else can reach the listener."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False  # a name: it may stand for anything

    def check(self) -> None:
        """Raise BadSetting before anything is started."""
        if not 1 <= self.execute <= 64:
            raise BadSetting("EXECUTE", str(self.execute), "1 to 64 execute environments")
        if not self._only_this_machine and "DUELINE_ACCESS" not in self.environ:
            raise BadSetting(
                "HOST_ADDRESS",
                self.host,
                "127.0.0.1, or DUELINE_ACCESS=keys (`dueline keys create` makes one), or "
                "DUELINE_ACCESS=open if whoever reaches that address may do anything",
            )
        any_servers = ("postgresql://x", "redis://x", "redis://x", "smtp://x")
        names = ("postgres_url", "redis_url", "work_queue_url", "smtp_url")
        urls = dict(zip(names, any_servers, strict=True))
        Settings.from_env(self.function_environment(**urls))
