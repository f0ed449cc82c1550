"""The shipped handlers (docs/handlers.md). DUELINE_HANDLERS=handlers registers them all.

Every cold start of `schedule` and `execute` imports this package, so the modules import what is
heavy (smtplib, email, urllib3, ...) inside the functions that need it.
"""

from handlers import echo, email, fail, flaky, http, report, slow

__all__ = ["echo", "email", "fail", "flaky", "http", "report", "slow"]
