"""What no code of ours does: each rule looks at every module, and is shown to see its fault."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.test_house import last_name, modules, tracked
from tests.house.test_house import text_of as read

Rule = Callable[[ast.AST], bool]

BUILT_SQL = {
    "models/append_only.py": (1, "names of triggers this module lists itself"),
    "models/backup/loading.py": (2, "names of constraints as the database's catalogue has them"),
    "models/backup/making.py": (1, "names of our own tables"),
    "models/backup/snapshot.py": (1, "names of time-outs this module lists itself"),
    "models/backup/tables_found.py": (1, "names of sequences as the catalogue has them"),
    "models/capture.py": (3, "names of triggers as the catalogue has them"),
    "models/database.py": (1, "the kind of a transaction, one of two words"),
}
"""Where names, never values, are put into SQL: there is no other way to name a table."""
STARTS_PROGRAMS = {
    "config/bootstrap.py",
    "config/nights.py",
    "config/run.py",
    "models/guarded.py",
    "views/commands.py",
}
READS_XML = {
    "models/guarding/inspecting_word.py",
    "models/guarding/reading.py",
    "models/guarding/word.py",
}
"""In the guarded process alone, with a parser that refuses DOCTYPE and entities."""
WRITES_XML = {"views/feeds.py", "config/report.py", "config/promises.py", "config/nights.py"}
"""They write feeds, or read the results our own test run has just written."""
EXPLAINED = re.compile(r"# noqa: [A-Z0-9, ]*S\d{3}[A-Z0-9, ]*(?P<why>.*)$")


def calls(node: ast.AST, *names: str) -> bool:
    """Is this a call of something with one of these names?"""
    return isinstance(node, ast.Call) and last_name(node.func) in names


def is_built(node: ast.expr) -> bool:
    """Is this text put together while the program runs?"""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        plain = isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant)
        return isinstance(node.op, ast.Add | ast.Mod) and not plain
    return calls(node, "format", "join", "replace")


def builds_sql(node: ast.AST) -> bool:
    """A02: text of SQL with anything put into it."""
    if not calls(node, "text", "exec_driver_sql", "DDL", "literal_column"):
        return False
    assert isinstance(node, ast.Call)
    of_sqlalchemy = isinstance(node.func, ast.Name) or last_name(node.func) != "text"
    return of_sqlalchemy and bool(node.args) and is_built(node.args[0])


def asks_a_shell(node: ast.AST) -> bool:
    """A03: a shell that would read what it is given."""
    if calls(node, "system", "popen", "getoutput", "getstatusoutput"):
        return True
    asked = [one for one in getattr(node, "keywords", []) if one.arg == "shell"]
    return isinstance(node, ast.Call) and any(
        not (isinstance(one.value, ast.Constant) and one.value.value is False) for one in asked
    )


def runs_text(node: ast.AST) -> bool:
    """A05: text that becomes code, or a template."""
    bare = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    if bare and calls(node, "eval", "exec", "compile", "__import__"):
        return True
    return calls(node, "render_template_string", "from_string")


def unpacks_objects(node: ast.AST) -> bool:
    """A06: what makes objects of a stranger's bytes."""
    kinds = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "cloudpickle"}
    if isinstance(node, ast.Import):
        return any(one.name.split(".")[0] in kinds for one in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in kinds
    if calls(node, "unsafe_load", "full_load", "load_all", "unsafe_load_all"):
        return True
    if calls(node, "load") and isinstance(node, ast.Call) and is_yaml(node.func):
        return [last_name(one) for one in node.args[1:]] != ["_Loader"]
    return False


def is_yaml(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and last_name(node.value) == "yaml"


def plays_dice(node: ast.AST) -> bool:
    """A51: chance that can be foretold; secrets come from `secrets`."""
    if isinstance(node, ast.Import):
        return any(one.name == "random" for one in node.names)
    return isinstance(node, ast.ImportFrom) and node.module == "random"


def trusts_anybody(node: ast.AST) -> bool:
    """A20: a line whose other end is not checked."""
    if calls(node, "_create_unverified_context"):
        return True
    if isinstance(node, ast.Attribute) and node.attr == "CERT_NONE":
        return True
    return (
        isinstance(node, ast.keyword)
        and node.arg == "verify"
        and (isinstance(node.value, ast.Constant) and node.value.value is False)
    )


RULES: dict[str, tuple[Rule, dict[str, tuple[int, str]], tuple[str, ...]]] = {
    "SQL with something put into it": (
        builds_sql,
        BUILT_SQL,
        (
            'text(f"SELECT {name}")',
            'text("SELECT " + name)',
            'session.execute(text("SELECT %s" % name))',
            'connection.exec_driver_sql("SELECT {}".format(name))',
        ),
    ),
    "a shell": (
        asks_a_shell,
        {},
        ("os.system(line)", "subprocess.run(line, shell=True)", "subprocess.getoutput(line)"),
    ),
    "text that is run": (
        runs_text,
        {},
        (
            "eval(line)",
            "exec(line)",
            "render_template_string(line)",
            "environment.from_string(line)",
        ),
    ),
    "objects out of bytes": (
        unpacks_objects,
        {},
        ("import pickle", "from marshal import loads", "yaml.load(line)", "yaml.unsafe_load(line)"),
    ),
    "chance that can be foretold": (plays_dice, {}, ("import random", "from random import choice")),
    "a line nobody checks": (
        trusts_anybody,
        {},
        ("context.verify_mode = ssl.CERT_NONE", "get(url, verify=False)"),
    ),
}


@cache
def nodes(source: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(source)))


text_of = cache(read)


def found_in(rule: Rule, source: str) -> Iterator[int]:
    for node in nodes(source):
        if rule(node):
            yield getattr(node, "lineno", 0) or node.value.lineno  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", RULES)
def test_no_code_of_ours_has(name: str) -> None:
    rule, allowed, _ = RULES[name]
    places = [
        (str(path), line)
        for path in modules()
        if "migrations" not in path.parts
        for line in found_in(rule, text_of(path))
    ]
    counted = Counter(path for path, _ in places)
    expected = {path: count for path, (count, _) in allowed.items()}
    assert counted == expected, f"{name}: {places}"


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, (_, _, faults) in RULES.items() for line in faults]
)
def test_each_rule_sees_its_fault(name: str, line: str) -> None:
    assert list(found_in(RULES[name][0], line))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("SQL with something put into it", 'text("SELECT 1 " "FROM x")'),
        ("SQL with something put into it", 'paper.text(f"Kính gửi {name}")'),
        ("a shell", "subprocess.run([program, line], shell=False)"),
        ("text that is run", "re.compile(line)"),
        ("objects out of bytes", "yaml.load(line, _Loader)"),
    ],
)
def test_no_rule_sees_faults_where_there_are_none(name: str, line: str) -> None:
    assert not list(found_in(RULES[name][0], line))


def importers(*names: str) -> set[str]:
    """Modules that import one of these."""
    pattern = re.compile(
        rf"^\s*(?:import|from)\s+(?:{'|'.join(map(re.escape, names))})\b", re.MULTILINE
    )
    return {str(path) for path in modules() if pattern.search(text_of(path))}


def test_programs_are_started_in_few_places() -> None:
    assert importers("subprocess", "pty", "multiprocessing") == STARTS_PROGRAMS


def test_xml_is_read_in_the_guarded_process_alone() -> None:
    assert importers("lxml") == READS_XML
    assert importers("xml") == WRITES_XML
    whole = "".join(text_of(Path(path)) for path in READS_XML)
    for setting in ("resolve_entities=False", "no_network=True", "load_dtd=False"):
        parsers = len(re.findall(r"etree\.(?:XMLParser|iterparse)\(", whole))
        assert whole.count(setting) == parsers, setting
    assert "huge_tree=True" not in whole


def test_every_excuse_from_a_security_rule_says_why() -> None:
    """Ruff runs all of bandit's rules; whoever is excused from one says why on the line."""
    bare = [
        f"{path}:{number}"
        for path in modules()
        if "migrations" not in path.parts
        for number, line in enumerate(text_of(path).splitlines(), 1)
        for found in [EXPLAINED.search(line)]
        if found and len(found["why"].split()) < 2
    ]
    assert not bare, f"say why on the same line: {bare}"


# --- Secrets in the repository ---------------------------------------------------------------

SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{32}",
    "a key of a cloud": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of a code host": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20})\b",
    "a token of a registry": r"\b(?:pypi-[A-Za-z0-9_-]{40,}|npm_[A-Za-z0-9]{36})\b",
    "a token of a chat": r"\bxox[abposr]-[A-Za-z0-9-]{20,}",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{12,}\.eyJ[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}",
    "a password in an address": r"\b(?:postgresql|smtps?|https?)(?:\+\w+)?://[^\s:@/{}*…]+:"
    r"(?!(?:pass|password|bi-mat|mat-khau|x|b|…)@)[^\s@/{}<>*…$]{3,}@",
}
INVENTED = {"tests"}
"""Folders whose secrets are invented for tests, and of no use to anybody."""


@pytest.mark.parametrize("kind", SECRETS)
def test_the_repository_holds_no_secret(kind: str) -> None:
    pattern = re.compile(SECRETS[kind])
    places = [
        f"{path}:{text.count(chr(10), 0, found.start()) + 1}"
        for path in tracked()
        if path.parts[0] not in INVENTED and path.suffix not in {".ttf", ".docx", ".png"}
        for text in [text_of(path)]
        for found in pattern.finditer(text)
    ]
    assert not places, f"{kind}: {places}"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("a private key", "-----BEGIN EC PRIVATE KEY-----\n" + "A1b2" * 10),
        ("a key of a cloud", "key=AKIA" + "A1B2C3D4E5F6G7H8"),
        ("a token of a code host", "ghp_" + "a1B2" * 9),
        ("a token of a registry", "pypi-" + "a1B2" * 12),
        ("a token of a chat", "xoxb-" + "1234567890-abcdefghij"),
        ("a signed token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlMTIz"),
        ("a password in an address", "postgresql://app:Th4t-is-it@db/award"),
    ],
)
def test_a_secret_would_be_seen(kind: str, text: str) -> None:
    assert re.search(SECRETS[kind], text)
