"""Lines of the log: whole, of one shape, of one line each, and without any secret."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from config.logging import HIDDEN, LONGEST, Hiding
from config.settings import ROOT

CANARY = "hoang-yen-4f1d9c7be2a85d06"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")

SCENE = f"""
import wsgi
from views.doorman import public
app = wsgi.app

@public
def fall():
    raise RuntimeError("kết nối postgresql://app:{CANARY}@db hỏng\\nlevel=info giả")

app.view_functions["look_up.show"] = fall
client = app.test_client()
client.get("/tra-cuu?q=%0d%0a{{\\"level\\":\\"error\\"}}")
client.get("/khong-co/%0a%0dgia\\u2028-mao%1b[31m")
client.post("/dang-nhap", data={{"login": "ai-do", "password": "{CANARY}"}})
client.get("/viec", headers={{"Authorization": "Bearer {CANARY}", "Cookie": "sid={CANARY}"}})
client.get("/lich/{CANARY}.ics")
client.get("/healthz", headers={{"User-Agent": "x\\u202e{CANARY}"}})
import structlog, logging
structlog.get_logger().info("tried", password="{CANARY}", nested={{"api_key": "{CANARY}"}})
logging.getLogger("thư.viện").warning("một lời của %s", "{CANARY}")
"""


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a real service writes while somebody means it ill."""
    folder = tmp_path_factory.mktemp("logs")
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{folder}/x.sqlite3",
        "SECRET_KEY": CANARY + "-khóa-dài",
        "STORAGE_DIR": str(folder / "files"),
        "SMTP_URL": f"smtps://thu:{CANARY}@mail.example",
        "MAIL_FROM": "a@hoso.example",
        "BASE_URL": "http://localhost",
        "METRICS_TOKEN": CANARY + "-mã-dài-hơn",
        "PYTHONIOENCODING": "utf-8",
    }
    prepare = [sys.executable, "-m", "flask", "--app", "wsgi", "prepare"]
    subprocess.run(prepare, cwd=ROOT, env=environment, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", SCENE],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def told(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_every_line_is_one_object_that_says_when_where_and_what(lines: list[str]) -> None:
    for line in told(lines):
        assert INSTANT.fullmatch(line["timestamp"]), line
        assert line["level"] in {"info", "warning", "error", "critical"}
        assert line["event"]
        assert isinstance(line["process"], int)


def test_every_request_leaves_one_line_with_its_id(lines: list[str]) -> None:
    answered = [line for line in told(lines) if line["event"] == "answered"]
    assert [line["status"] for line in answered] == [500, 404, 400, 303, 404]
    assert len({line["request"] for line in answered}) == 5
    for line in answered:
        assert {"page", "method", "milliseconds", "person", "address", "path"} <= line.keys()
    (broken,) = [line for line in told(lines) if line["event"] == "broken"]
    assert broken["request"] == answered[0]["request"]
    assert "RuntimeError" in broken["exception"]


def test_no_secret_stands_in_any_line(lines: list[str]) -> None:
    whole = "\n".join(lines)
    assert HIDDEN in whole
    assert CANARY not in whole


def test_nobody_writes_a_line_of_their_own(lines: list[str]) -> None:
    whole = "\n".join(lines)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", whole)
    assert all(line.startswith("{") and line.endswith("}") for line in lines)
    assert any("\\\\u001b[31m" in line for line in lines)


def test_other_libraries_speak_the_same_way(lines: list[str]) -> None:
    (foreign,) = [line for line in told(lines) if line.get("logger") == "thư.viện"]
    assert foreign["level"] == "warning"
    assert foreign["event"] == f"một lời của {HIDDEN}"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("password", "x", HIDDEN),
        ("csrf_token", "x", HIDDEN),
        ("keys", ["a"], HIDDEN),
        ("keyboard", "x", "x"),
        ("monkey", "x", "x"),
        ("password", "", ""),
        ("note", {"Cookie": "x", "b": ["một\nhai"]}, {"Cookie": HIDDEN, "b": ["một\nhai"]}),
        ("note", "a\x1b[2Jb\x9b", "a\\u001b[2Jb\\u009b"),
        ("count", 5, 5),
        ("what", ROOT.name, ROOT.name),
        ("note", "đây là bi-mat-dai và bi-mat-dai-hon", f"đây là {HIDDEN} và {HIDDEN}"),
    ],
)
def test_what_becomes_of_a_value(name: str, value: object, kept: object) -> None:
    hide = Hiding(["bi-mat-dai", "bi-mat-dai-hon", "ngắn"])
    assert hide(None, "info", {name: value}) == {name: kept}


def test_a_long_value_keeps_its_ends() -> None:
    cut = Hiding([]).text("a" * LONGEST + "b")
    assert len(cut) < LONGEST + 10
    assert cut.endswith("b")


def test_hiding_less_would_be_seen() -> None:
    """Without the values of the settings a password in an error would stand in the log."""
    line = {"error": f"postgresql://app:{CANARY}@db"}
    assert CANARY in str(Hiding([])(None, "error", dict(line)))
    assert CANARY not in str(Hiding([CANARY])(None, "error", dict(line)))
