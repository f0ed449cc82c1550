"""echo: the result is the payload."""

from dueline.handler import JSON, Context, TaskView, handler


@handler("echo")
def echo(task: TaskView, _context: Context) -> JSON:
    return task.payload
