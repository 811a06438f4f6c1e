"""The policy table at the terminal, and whether it covers every page there is."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from config.policy import Policy, the_policy
from views.command_output import fail, say
from views.formats import _
from workflow.words import phrase

policy = AppGroup("policy", invoke_without_command=True, help=phrase("Bảng phân quyền từng trang."))


@policy.command("check")
def check() -> None:
    """Kiểm mọi trang đều có dòng trong bảng, và mọi dòng đều có trang."""
    table = the_policy()
    faults = [*missing(current_app, table), *stale(current_app, table)]
    if faults:
        fail(faults)
    say(f"Đủ: {len(served(current_app))} trang và phương thức đều có dòng.")


@policy.command("show")
@click.argument("words", nargs=-1)
def show(words: tuple[str, ...]) -> None:
    """In bảng: phương thức, địa chỉ, điều kiện, từ chối; chỉ dòng chứa các chữ đã cho."""
    for line in lines(current_app, the_policy()):
        if all(word in line for word in words):
            say(line)


@policy.result_callback()
@click.pass_context
def without_word(context: click.Context, *_results: object) -> None:
    """`flask --app wsgi policy` alone prints the table."""
    if context.invoked_subcommand is None:
        context.invoke(show, words=())


def served(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, method and address of everything the application serves, HEAD aside.

    OPTIONS counts where a view of ours answers it; Flask's own answer is asked what the page is.
    """
    found = []
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ()) - {"HEAD"}
        if methods != {"OPTIONS"}:
            methods.discard("OPTIONS")
        found += [(rule.endpoint, method, rule.rule) for method in sorted(methods)]
    return sorted(found)


def missing(app: Flask, table: Policy) -> list[str]:
    """A sentence for every endpoint and method without a row: what to add, and where."""
    return [
        _(
            "{method} {address}: không có dòng trong config/policy.yaml nên bị từ "
            'chối. Thêm dưới "routes:" dòng  {endpoint}: {{{method}: [signed_in, '
            "...]}}  với các điều kiện trang hỏi (docs/authorization.md).",
            method=method,
            address=address,
            endpoint=endpoint,
        )
        for endpoint, method, address in served(app)
        if method not in table.routes.get(endpoint, {})
    ]


def stale(app: Flask, table: Policy) -> list[str]:
    """A sentence for every row without a page."""
    there = {(endpoint, method) for endpoint, method, _ in served(app)}
    return [
        _(
            "{endpoint} {method}: config/policy.yaml còn dòng này nhưng không còn "
            "trang; bỏ dòng đó.",
            endpoint=endpoint,
            method=method,
        )
        for endpoint, methods in table.routes.items()
        for method in methods
        if (endpoint, method) not in there
    ]


def lines(app: Flask, table: Policy) -> list[str]:
    """The table as text, one line for each page and method, cells apart by tabs."""
    told = []
    for endpoint, method, address in sorted(served(app), key=lambda one: (one[2], one[1])):
        row = table.row(endpoint, method)
        if row is None:
            told.append(
                _(
                    "{method}\t{address}\t{endpoint}\tkhông có dòng: từ chối",
                    method=method,
                    address=address,
                    endpoint=endpoint,
                )
            )
            continue
        asked = [f"{name} ({table.conditions[name].refusal})" for name in row.who]
        asked += ["law (422)"] if row.then else []
        asked += ["fresh"] if row.fresh else []
        told.append(f"{method}\t{address}\t{endpoint}\t{' → '.join(asked)}")
    return told
