"""Function `schedule`, as functions/schedule/app.py, with a kill point at every step."""

from typing import cast

from dueline.http_api.services import Services
from functions.schedule.app import build_app
from tests.faults.armed_services import ArmedServices

app = build_app(cast("Services", ArmedServices("schedule")))
