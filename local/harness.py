"""Everything of a local run, put together: servers, functions, triggers. Also used by the tests
and benchmarks that need the whole."""

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import urlopen

from dueline.config import Settings
from dueline.domain.lanes import Lane
from dueline.http_api.routes import ROUTES
from dueline.task_store.schema import apply_schema
from dueline.wiring import work_queue_adapter
from dueline.work_queue.interface import WorkQueueConsumer
from dueline.work_queue.topology import queue_name
from local import functions
from local.emulator.functions import FunctionConfig
from local.emulator.http_server import check_free
from local.emulator.platform import Platform
from local.emulator.process import LogSink
from local.mailbox import Mailbox
from local.options import ROOT, Options
from local.services.model import Progress
from local.services.start import start_services
from local.triggers.cron import Cron
from local.triggers.events import rabbitmq_event
from local.triggers.http import HttpTrigger
from local.triggers.queue import SOURCE_ARN, QueueTrigger

WATCHED = ("dueline", "functions", "handlers")


class Harness:
    """A local run from `start` to `stop`. `say` gets a line per step, `log` what functions print.

    With `worker` it runs the execute functions and their triggers alone, over the servers that
    the environment names: one more consumer of every lane.
    """

    def __init__(
        self, options: Options, *, say: Progress, log: LogSink, worker: bool = False
    ) -> None:
        self._options = options
        self.data = options.data
        self._say = say
        self._log = log
        self._worker = worker
        self._to_stop = ExitStack()

    def start(self) -> None:
        """Bring everything up; it serves on return. Raises DuelineError or PortTaken, and then
        nothing of it runs."""
        self._options.check()
        try:
            self._start()
        except BaseException:
            self._to_stop.close()
            raise

    def stop(self) -> None:
        """Stop in the reverse order; nothing runs on return."""
        self._to_stop.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self) -> None:
        if not self._worker:
            # Now, not when the servers are up: whoever chose a taken port is to know at once.
            check_free(self._options.port, host=self._options.host)
        self.services = start_services(
            self._options.data,
            environ=self._options.environ,
            progress=self._say,
            cache=self._options.cache,
        )
        self._to_stop.callback(self.services.stop)
        self.environment = self._options.function_environment(
            postgres_url=self.services.postgres.service.url,
            redis_url=self.services.redis.service.url,
            work_queue_url=self.services.work_queue_url,
            smtp_url=self._start_mailbox(),
        )
        self.settings = Settings.from_env(self.environment)
        self.lanes = [
            lane for lane in self.settings.lanes.all() if lane.queue not in self.settings.outside
        ]
        apply_schema(self.settings.postgres_url)
        _declare(self.settings)
        self._start_platform()
        self._warm_up()
        self._start_queue_triggers()
        if not self._worker:
            self._start_cron_and_http()

    def _start_mailbox(self) -> str:
        if url := self._options.environ.get("SMTP_URL"):
            return url
        mailbox = Mailbox(
            self._options.data / "mail",
            on_message=lambda path, to, subject: self._log(
                "mail", f"to {to}: {subject!r} in {path}"
            ),
        )
        url = mailbox.start()
        self._to_stop.callback(mailbox.stop)
        return url

    def _start_platform(self) -> None:
        folder, environment = self._options.functions, self.environment
        configs: list[FunctionConfig] = [
            functions.execute(lane, folder, environment) for lane in self.lanes
        ]
        if not self._worker:
            configs += [
                functions.schedule(folder, environment),
                functions.tick(folder, environment),
            ]
        self.platform = Platform(
            configs,
            log=self._log,
            freeze=self._options.freeze,
            watch=[ROOT / folder for folder in WATCHED] + self._handler_folders(),
        )
        self.platform.start()
        self._to_stop.callback(self.platform.stop)

    def _handler_folders(self) -> list[Path]:
        """Where the user's own handlers lie, so that a change of theirs is noticed too."""
        names = [name.partition(".")[0] for name in self.settings.handler_modules]
        places = [ROOT / name for name in names] + [ROOT / f"{name}.py" for name in names]
        return [place for place in places if place.exists() and place.name not in WATCHED]

    def _warm_up(self) -> None:
        """Start the execute environments now, as with provisioned concurrency, so that the first
        task is not late by a cold start."""
        for lane in self.lanes:
            event = rabbitmq_event([], source_arn=SOURCE_ARN, queue_name=queue_name(lane))
            result = self.platform.invoke(functions.execute_name(lane), json.dumps(event).encode())
            if result.error is not None:
                self._say(f"execute does not start: {result.error}")

    def _start_queue_triggers(self) -> None:
        for lane in self.lanes:
            trigger = QueueTrigger(
                self.platform,
                functions.execute_name(lane),
                _consumer(self.settings, lane),
                queue_name=queue_name(lane),
                log=self._log,
            )
            trigger.start()
            self._to_stop.callback(trigger.stop)

    def _start_cron_and_http(self) -> None:
        http = HttpTrigger(
            self.platform,
            "schedule",
            [(route.method, route.path) for route in ROUTES],
            port=self._options.port,
            host=self._options.host,
        )
        cron = Cron(self.platform, "tick", every=self._options.tick_every)
        for trigger in (http, cron):
            trigger.start()
            self._to_stop.callback(trigger.stop)
        self.url = http.url
        # The first caller need not wait for a cold start either.
        urlopen(f"{http.url}/readyz", timeout=30).close()  # noqa: S310 - our own http URL


def _declare(settings: Settings) -> None:
    """Queues must be there before a trigger asks for them."""
    queue = work_queue_adapter(settings.work_queue_url)(settings.work_queue_url)
    queue.declare(settings.lanes.all())
    queue.close()


def _consumer(settings: Settings, lane: Lane) -> WorkQueueConsumer:
    if settings.work_queue_url.startswith("redis"):
        from dueline.work_queue.redis_streams_consumer import RedisStreamsConsumer

        return RedisStreamsConsumer(settings.work_queue_url, lane)
    from dueline.work_queue.rabbitmq_consumer import RabbitConsumer

    return RabbitConsumer(settings.work_queue_url, lane)
