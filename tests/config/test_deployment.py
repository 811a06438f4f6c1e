"""A real service does not begin with unsafe settings, says all that is wrong, and no secret."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import sessionmaker

from config.deployment import accepted_risks, check_deploy, effective, found_unsafe, masked
from config.operation_settings import FROM_FILES
from config.settings import ROOT, Settings, SettingsError
from config.starting import read_settings
from models.database import (
    POSTGRESQL_SETTINGS,
    Database,
    WrongSettings,
    open_database,
    verify_when_there,
)

KEY = secrets.token_urlsafe(48)
SAFE = {
    "DATABASE_URL": "postgresql://app:bi-mat@db.example/award?sslmode=verify-full",
    "SECRET_KEY": KEY,
    "STORAGE_DIR": "var/files",
    "SMTP_URL": "smtp+starttls://who:bi-mat@mail.example:587",
    "MAIL_FROM": "khong-tra-loi@hoso.example",
    "BASE_URL": "https://hoso.example",
}


def names(**more: str) -> list[str]:
    return sorted(one.name for one in check_deploy(SAFE | more))


def test_a_safe_service_may_begin() -> None:
    assert check_deploy(SAFE) == []
    assert read_settings(SAFE, serving=True).secure_cookies


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"FLASK_DEBUG": "1"}, "debug"),
        ({"PYTHONDEVMODE": "1"}, "debug"),
        ({"SECRET_KEY": "k" * 48}, "weak-key"),
        ({"SECRET_KEY": "change-me-" + KEY}, "weak-key"),
        ({"SECRET_KEY_FALLBACKS": f"{KEY},{'ab' * 20}"}, "weak-key"),
        ({"METRICS_TOKEN": "0" * 40}, "weak-key"),
        ({"SECOND_FACTOR": "offered"}, "one-factor"),
        ({"BASE_URL": "http://hoso.example"}, "plain-http"),
        ({"SMTP_URL": "smtp://mail.example"}, "plain-smtp"),
        ({"WEBHOOK_URL": "http://sms.example", "WEBHOOK_SECRET": KEY}, "plain-neighbour"),
        (
            {"CHECKPOINT_WEBHOOK_URL": "http://x", "CHECKPOINT_WEBHOOK_SECRET": KEY},
            "plain-neighbour",
        ),
        (
            {
                "OIDC_ISSUER": "http://danh-tinh.example",
                "OIDC_CLIENT_ID": "hoso",
                "OIDC_CLIENT_SECRET": KEY,
            },
            "plain-neighbour",
        ),
        ({"S3_ENDPOINT": "http://kho.example"}, "plain-neighbour"),
        ({"CLAMD_URL": "tcp://quet.example:3310"}, "plain-neighbour"),
        ({"DATABASE_URL": "postgresql://app@db.example/award"}, "database-tls"),
        ({"DATABASE_URL": "postgresql://app@db.example/award?sslmode=require"}, "database-tls"),
        ({"DATABASE_URL": "postgresql:///award?host=10.1.2.3&sslmode=prefer"}, "database-tls"),
        ({"DATABASE_URL": "postgresql://app@a.example/x?host=b.example"}, "database-tls"),
        ({"DEMONSTRATION": "1"}, "demonstration"),
    ],
)
def test_each_unsafe_setting_stops_the_start(more: dict[str, str], name: str) -> None:
    assert names(**more) == [name]
    (found,) = check_deploy(SAFE | more)
    assert found.what
    assert f"Cách sửa: {found.remedy}" in str(found)
    with pytest.raises(SettingsError) as stopped:
        read_settings(SAFE | more, serving=True)
    assert str(found) in stopped.value.faults


@pytest.mark.parametrize(
    "more",
    [
        {"DATABASE_URL": "postgresql:///award?host=/run/postgresql"},
        {"DATABASE_URL": "postgresql://app@127.0.0.1/award"},
        {"DATABASE_URL": "postgresql://app@[::1]/award"},
        {"DATABASE_URL": "sqlite:///var/x.sqlite3"},
        {"SMTP_URL": "smtp://localhost:25"},
        {"SMTP_URL": "smtps://mail.example"},
        {"BASE_URL": "http://127.0.0.1:8000"},
        {"CLAMD_URL": "unix:/run/clamav/clamd.ctl"},
        {"DEMONSTRATION": "1", "BASE_URL": "http://10.0.0.5", "SECRET_KEY": "k" * 48},
    ],
)
def test_what_stays_on_this_machine_needs_no_tls(more: dict[str, str]) -> None:
    assert names(**more) == []


def test_an_accepted_risk_lets_it_begin_and_a_grave_one_never() -> None:
    more = {"SMTP_URL": "smtp://mail.example", "FLASK_DEBUG": "1"}
    accepting = SAFE | more | {"ACCEPT_UNSAFE": "plain-smtp, debug"}
    assert [one.name for one in check_deploy(accepting)] == ["debug"]
    assert [one.name for one in accepted_risks(accepting)] == ["plain-smtp"]
    assert "ACCEPT_UNSAFE" not in str(check_deploy(accepting)[0])


def test_a_file_on_a_disk_of_another_machine_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = f"none / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n"
    real = Path.read_text

    def read(path: Path, *more: str) -> str:
        return told if str(path) == "/proc/mounts" else real(path, *more)

    monkeypatch.setattr(Path, "read_text", read)
    assert names(DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3") == ["sqlite-far"]
    assert names(DATABASE_URL="sqlite:////var/lib/x.sqlite3") == []


def test_everything_wrong_is_told_at_once() -> None:
    wrong = SAFE | {"SMTP_URL": "", "FLASK_DEBUG": "1", "BASE_URL": "http://hoso.example"}
    with pytest.raises(SettingsError) as stopped:
        read_settings(wrong, serving=True)
    assert [line.split(":")[0] for line in stopped.value.faults] == [
        "SMTP_URL",
        "FLASK_DEBUG",
        "BASE_URL",
    ]
    with pytest.raises(SettingsError) as cannot:
        read_settings(wrong, serving=False)
    assert cannot.value.faults == ("SMTP_URL: chưa đặt",)


SERVER = "granian --interface wsgi --host 127.0.0.1 --port 0 --no-log wsgi:app"


@pytest.mark.parametrize("module", ["schedules", SERVER])
def test_a_process_ends_before_it_serves_anybody(module: str, tmp_path: Path) -> None:
    """The web server is a program of click's, as Flask's commands are: it must not pass for one."""
    database = f"sqlite:///{tmp_path}/none.sqlite3"
    mine = {"DATABASE_URL": database, "FLASK_DEBUG": "1", "SMTP_URL": "smtp://mail.example"}
    ended = subprocess.run(
        [sys.executable, "-m", *module.split()],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | SAFE | mine,
        timeout=60,
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode != 0
    told = [line for line in ended.stderr.splitlines() if "Cách sửa" in line]
    assert [line.split(":")[0] for line in told] == ["FLASK_DEBUG", "SMTP_URL"]
    assert KEY not in ended.stderr
    assert not list(tmp_path.iterdir())


# --- Secrets ---------------------------------------------------------------------------------


def test_every_value_is_told_but_no_secret() -> None:
    canary = "hoang-yen-" + secrets.token_urlsafe(32)
    given = SAFE | {
        "DATABASE_URL": f"postgresql://app:{canary}@db/award?sslmode=verify-full&password={canary}",
        "SMTP_URL": f"smtps://who:{canary}@mail.example",
        "SECRET_KEY": canary,
        "SECRET_KEY_FALLBACKS": canary,
        "METRICS_TOKEN": canary,
        "WEBHOOK_URL": f"https://who:{canary}@sms.example",
        "WEBHOOK_SECRET": canary,
        "S3_URL": "s3://kho/x",
        "S3_ACCESS_KEY_ID": canary,
        "S3_SECRET_ACCESS_KEY": canary,
    }
    told = effective(Settings.from_environment(given))
    assert not [name for name, value in told.items() if canary in value]
    assert told["secret_key"] == told["files.s3_secret"] == "đã đặt"
    assert told["database_url"].startswith("postgresql://***@db/award?sslmode=verify-full")
    assert told["base_url"] == "https://hoso.example"
    assert told["operation.proxy_hops"] == "0"


def test_an_address_keeps_all_but_who_and_how() -> None:
    assert masked("smtps://a:b@mail.example:465") == "smtps://***@mail.example:465"
    assert masked("sqlite:////var/lib/x") == "sqlite:////var/lib/x"


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "key"
    kept.write_text(f"{KEY}\n", "utf-8")
    given = SAFE | {"SECRET_KEY": "", "SECRET_KEY_FILE": str(kept)}
    assert Settings.from_environment(given).secret_key == KEY
    assert found_unsafe(given) == []
    kept.write_text("k" * 40, "utf-8")
    assert [one.name for one in found_unsafe(given)] == ["weak-key"]
    for more in ({"SECRET_KEY_FILE": str(tmp_path / "none")}, {"SECRET_KEY": KEY}):
        with pytest.raises(SettingsError, match="SECRET_KEY"):
            Settings.from_environment(given | more)
    assert "SECRET_KEY" in FROM_FILES


@pytest.mark.parametrize(
    "more",
    [
        {"PROXY_HOPS": "-1"},
        {"PROXY_HOPS": "nhiều"},
        {"PROXY_HOPS": "99"},
        {"SECRET_KEY_FALLBACKS": "ngắn"},
        {"METRICS_TOKEN": "ngắn"},
    ],
)
def test_what_cannot_be_used_is_refused(more: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(more))):
        Settings.from_environment(SAFE | more)


# --- The database ----------------------------------------------------------------------------


def test_the_database_runs_as_it_must(database: Database) -> None:
    assert verify_when_there(database)


def test_a_database_that_does_not_answer_is_no_wrong_setting() -> None:
    gone = open_database("postgresql://app@127.0.0.1:1/none?connect_timeout=1")
    assert not verify_when_there(gone)
    gone.close()


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("synchronous_commit", "off"),
        ("statement_timeout", "0"),
        ("lock_timeout", "1min"),
        ("idle_in_transaction_session_timeout", "0"),
    ],
)
def test_a_postgresql_that_forgets_or_waits_for_ever_is_refused(
    postgres_url: str, setting: str, value: str
) -> None:
    asked = {**POSTGRESQL_SETTINGS, setting: value}
    options = " ".join(f"-c {name}={to}" for name, to in asked.items())
    engine = create_engine(
        make_url(postgres_url).set(drivername="postgresql+psycopg"),
        connect_args={"options": options},
    )
    loose = Database(engine, sessionmaker(engine))
    with pytest.raises(WrongSettings, match=setting):
        verify_when_there(loose)
    loose.close()
