"""The service as OpenAPI describes one, made from its own map of addresses: for schemathesis alone.

People use pages, so nobody publishes such a description. Fields and queries are the names the views
themselves read, of any content: what nobody would type is the point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from tests.house.test_house import ROOT

UNTRIED = {"static", "account.sign_out"}
"""Files of the interface; and what would end the session all others need."""
WORD = r"\(\s*\"([a-z][\w-]{0,30})\""
READ = re.compile(rf"(?:request\.args|request\.args\.get|wanted|typed){WORD}|args\.get{WORD}")
ASKED = re.compile(rf"(?:answers\.\w+|request\.form\.(?:get|getlist)|form\.get){WORD}")
ALWAYS = {"version", "key", "do", "comment"}
CODES = ["HS-2023-0001", "HS-2023-0002", "HS-2023-9999"]


def described(app: Flask) -> dict[str, Any]:
    """Every page but `UNTRIED`, every method but HEAD and OPTIONS."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in UNTRIED:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            place = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
            paths.setdefault(place, {})[method.lower()] = _operation(app, rule, method)
    return {"openapi": "3.1.0", "info": {"title": "Pages", "version": "1"}, "paths": paths}


def _operation(app: Flask, rule: Rule, method: str) -> dict[str, Any]:
    module = app.view_functions[rule.endpoint].__module__
    queries, fields = names_in(module)
    made: dict[str, Any] = {
        "operationId": f"{rule.endpoint} {method}",
        "parameters": [*_in_path(rule), *_in_query(queries)],
        "responses": {"default": {"description": "a page"}},
    }
    if method != "GET":
        words = {"type": "string", "maxLength": 40}
        form = {"type": "object", "properties": dict.fromkeys(sorted(fields | ALWAYS), words)}
        content = {"application/x-www-form-urlencoded": {"schema": form}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _in_path(rule: Rule) -> Iterator[dict[str, Any]]:
    for name, converter in rule._converters.items():
        yield {"name": name, "in": "path", "required": True, "schema": _kind(name, converter)}


def _kind(name: str, converter: BaseConverter) -> dict[str, Any]:
    match converter:
        case AnyConverter():
            return {"enum": sorted(converter.items)}
        case IntegerConverter():
            return {"type": "integer", "minimum": 0, "maximum": 2**70}
    if name == "code":
        return {"anyOf": [{"enum": CODES}, {"type": "string", "minLength": 1, "maxLength": 20}]}
    return {"type": "string", "minLength": 1, "maxLength": 20}


def _in_query(names: set[str]) -> Iterator[dict[str, Any]]:
    for name in sorted(names):
        yield {"name": name, "in": "query", "schema": {"type": "string", "maxLength": 40}}


@cache
def names_in(module: str) -> tuple[set[str], set[str]]:
    """Names of queries and of fields a module of views reads."""
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")
    queries = {name for found in READ.findall(source) for name in found if name}
    return queries, set(ASKED.findall(source))
