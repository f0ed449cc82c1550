"""The OpenAPI document as HTML: one page, its style in it, no script, nothing loaded."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563c9; }
@media (prefers-color-scheme: dark) { :root { --accent: #8ab4f8; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
code, pre { font: 0.875em/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: 0.75rem; overflow-x: auto; border-radius: 4px; }
a { color: var(--accent); }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; }
td, th { border-bottom: 1px solid var(--line); }
td:last-child { overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: 4px; margin: 0.5rem 0; }
summary { padding: 0.5rem 0.75rem; cursor: pointer; }
details > div { padding: 0 0.75rem; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; color: var(--accent); }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

Json = Mapping[str, Any]


def page(document: Json) -> str:
    """The whole page. Every text of the document is escaped."""
    info = document["info"]
    title = escape(info["title"])
    body = [
        f"<h1>{title}</h1><p>{escape(info['description'])}</p>",
        '<p>For programs: <a href="openapi.json">openapi.json</a></p>',
    ]
    for tag in document["tags"]:
        body.append(f"<h2>{escape(tag['name'])}</h2>")
        body += _operations(document, tag["name"])
    body.append("<h2>Models</h2>")
    body += [_model(name, model) for name, model in document["components"]["schemas"].items()]
    body.append("<h2>Errors</h2>")
    body.append(_errors(document["components"]["examples"]))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} API</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{''.join(body)}</main></body></html>"
    )


def _operations(document: Json, tag: str) -> Iterator[str]:
    shared = document["components"]["responses"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield _operation(method, path, operation, shared)


def _operation(method: str, path: str, operation: Json, shared: Json) -> str:
    scopes = [scope for way in operation["security"] for scopes in way.values() for scope in scopes]
    needs = f"<p>Scope: <code>{escape(', '.join(scopes))}</code></p>" if scopes else ""
    parameters = [
        (_code(each["name"]), each["in"], _kind(each["schema"]), _about(each))
        for each in operation["parameters"]
    ]
    answers = [
        (_code(status), ", ".join(_kinds(answer)), escape(answer["description"]))
        for status, given in operation["responses"].items()
        for answer in [shared.get(given.get("$ref", "").rpartition("/")[2], given)]
    ]
    return (
        f'<details id="{escape(operation["operationId"])}"><summary>'
        f'<span class="method">{escape(method.upper())}</span> {_code(path)} '
        f"{escape(operation['summary'])}</summary><div>{needs}"
        f"{_table(('parameter', 'in', 'kind', 'meaning'), parameters)}"
        f"{_body(operation.get('requestBody'))}"
        f"{_table(('status', 'body', 'meaning'), answers)}</div></details>"
    )


def _body(body: Json | None) -> str:
    if body is None:
        return ""
    parts = []
    for media_type, content in body["content"].items():
        parts.append(f"<p>Body: {_code(media_type)} {_kind(content['schema'])}</p>")
        for example in content.get("examples", {}).values():
            text = json.dumps(example["value"], indent=2, ensure_ascii=False)
            parts.append(
                f"<p>{escape(example['summary'])}</p><pre>{escape(text, quote=False)}</pre>"
            )
    return "".join(parts)


def _kinds(answer: Json) -> Iterator[str]:
    for media_type, content in answer.get("content", {}).items():
        schema = content["schema"]
        yield _kind(schema.get("allOf", [schema])[0]) or _code(media_type)


def _model(name: str, model: Json) -> str:
    required = model.get("required", ())
    fields = [
        (_code(field), _kind(schema), "yes" if field in required else "", _about(schema))
        for field, schema in model.get("properties", {}).items()
    ]
    values = ", ".join(str(value) for value in model.get("enum", ()))
    return (
        f'<h3 id="{escape(name)}">{escape(name)}</h3>'
        f"<p>{escape(model.get('description', ''))} {_code(values) if values else ''}</p>"
        f"{_table(('field', 'kind', 'required', 'meaning'), fields)}"
    )


def _errors(examples: Json) -> str:
    rows = [
        (_code(code), _code(str(example["value"]["status"])), escape(example["summary"]))
        for code, example in examples.items()
    ]
    return _table(("code", "status", "meaning"), rows)


def _kind(schema: Json) -> str:
    """A schema in a few words, models as links."""
    if name := schema.get("$ref", "").rpartition("/")[2]:
        return f'<a href="#{escape(name)}">{escape(name)}</a>'
    if alternatives := schema.get("anyOf"):
        return " or ".join(_kind(each) for each in alternatives)
    if values := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return ", ".join(_code(json.dumps(value)) for value in values)
    if schema.get("type") == "array":
        return f"array of {_kind(schema.get('items', {}))}"
    kind = schema.get("type", "any")
    words = " or ".join(kind) if isinstance(kind, list) else kind
    return escape(f"{words} ({schema['format']})" if "format" in schema else words)


def _about(schema: Json) -> str:
    """Description and default, where there are any."""
    about = schema.get("description", "")
    inner = schema.get("schema", schema)
    if (default := inner.get("default")) is not None:
        about = f"{about} (default {json.dumps(default, ensure_ascii=False)})".strip()
    return escape(about)


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _table(names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    if not lines:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="table"><table><tr>{head}</tr>{body}</table></div>'
