"""Settings from the environment: read once at the doors, handed inwards as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from config.backup_settings import BackupSettings
from config.checkpoint_settings import CheckpointSettings
from config.file_settings import FileSettings
from config.operation_settings import SHORTEST_SECRET, OperationSettings, with_files
from config.provider_settings import ProviderSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
PROGRAMMES = ROOT / "config" / "programmes"
DATA = ROOT / "config" / "data"
ACCOUNTS = ROOT / "config" / "accounts.yaml"

_TRUE = {"1", "true", "yes", "on"}
_ANSWERS_IN_A_LEASE = 20


class SettingsError(Exception):
    """A setting is missing or cannot be used; `faults` has one line for each."""

    def __init__(self, faults: list[str]) -> None:
        """Keep every fault, not only the first."""
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the doors need to know. `system_date` is only for a demonstration."""

    database_url: str
    secret_key: str = field(metadata={"secret": True})
    storage_dir: Path
    smtp_url: str
    mail_from: str
    base_url: str
    port: int = 8000
    demonstration: bool = False
    system_date: datetime | None = None
    webhook_url: str = ""
    webhook_secret: str = field(default="", metadata={"secret": True})
    smtp_seconds: float = 10.0
    """How long the mail server may take for one answer."""
    lease_seconds: float = 300.0
    """How long a letter belongs to the scheduler that claimed it."""
    test_build: bool = False
    failpoints: str = ""
    """Where a test build ends itself (`models.failpoints`)."""
    files: FileSettings = field(default_factory=FileSettings)
    checkpoints: CheckpointSettings = field(default_factory=CheckpointSettings)
    copies: BackupSettings = field(default_factory=BackupSettings)
    operation: OperationSettings = field(default_factory=OperationSettings)
    provider: ProviderSettings = field(default_factory=ProviderSettings)
    factor_required: bool = True
    """Those whom `config/accounts.yaml` names reach nothing without a second factor."""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The secret key and those before it, the newest first."""
        return (self.secret_key, *self.operation.key_fallbacks)

    @property
    def has_webhook(self) -> bool:
        """Is there a gateway for short messages?"""
        return bool(self.webhook_url and self.webhook_secret)

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure when the service is reached over https."""
        return urlsplit(self.base_url).scheme == "https"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the stable handles; raise `SettingsError` with every fault at once."""
        faults: list[str] = []
        environment = with_files(environment, faults)

        def need(name: str) -> str:
            value = environment.get(name, "").strip()
            if not value:
                faults.append(f"{name}: chưa đặt")
            return value

        database_url = need("DATABASE_URL")
        secret_key = need("SECRET_KEY")
        if secret_key and len(secret_key) < SHORTEST_SECRET:
            faults.append(f"SECRET_KEY: ngắn hơn {SHORTEST_SECRET} ký tự")
        storage_dir = need("STORAGE_DIR")
        smtp_url = need("SMTP_URL")
        mail_from = need("MAIL_FROM")
        base_url = need("BASE_URL").rstrip("/")
        if base_url and urlsplit(base_url).scheme not in {"http", "https"}:
            faults.append("BASE_URL: phải bắt đầu bằng http:// hoặc https://")
        demonstration = environment.get("DEMONSTRATION", "").strip().lower() in _TRUE
        system_date = _instant(environment.get("SYSTEM_DATE", ""), faults)
        if system_date is not None and not demonstration:
            faults.append("SYSTEM_DATE: chỉ dùng khi DEMONSTRATION=1")
        port = _port(environment.get("PORT", "8000"), faults)
        webhook_url, webhook_secret = _webhook(environment, faults)
        smtp_seconds, lease_seconds = _patience(environment, faults)
        test_build, failpoints = _test_build(environment, base_url, faults)
        files = FileSettings.from_environment(environment, faults)
        checkpoints = CheckpointSettings.from_environment(environment, faults)
        copies = BackupSettings.from_environment(environment, faults)
        operation = OperationSettings.from_environment(environment, faults)
        provider = ProviderSettings.from_environment(environment, faults)
        factor_required = _factor(environment, faults, demonstration=demonstration)
        if faults:
            raise SettingsError(faults)
        return cls(
            database_url=database_url,
            secret_key=secret_key,
            storage_dir=Path(storage_dir),
            smtp_url=smtp_url,
            mail_from=mail_from,
            base_url=base_url,
            port=port,
            demonstration=demonstration,
            system_date=system_date,
            webhook_url=webhook_url,
            webhook_secret=webhook_secret,
            smtp_seconds=smtp_seconds,
            lease_seconds=lease_seconds,
            test_build=test_build,
            failpoints=failpoints,
            files=files,
            checkpoints=checkpoints,
            copies=copies,
            operation=operation,
            provider=provider,
            factor_required=factor_required,
        )


def _instant(text: str, faults: list[str]) -> datetime | None:
    if not text.strip():
        return None
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        faults.append("SYSTEM_DATE: viết như 2023-12-05T08:10:00+07:00")
        return None
    if instant.tzinfo is None:
        faults.append("SYSTEM_DATE: thiếu múi giờ, viết như 2023-12-05T08:10:00+07:00")
        return None
    return instant


def _webhook(environment: Mapping[str, str], faults: list[str]) -> tuple[str, str]:
    """The gateway for short messages and the secret it is signed with: both, or neither."""
    url = environment.get("WEBHOOK_URL", "").strip()
    secret = environment.get("WEBHOOK_SECRET", "").strip()
    if bool(url) != bool(secret):
        faults.append("WEBHOOK_URL, WEBHOOK_SECRET: đặt cả hai hoặc bỏ trống cả hai")
    if url and urlsplit(url).scheme not in {"http", "https"}:
        faults.append("WEBHOOK_URL: phải bắt đầu bằng http:// hoặc https://")
    if secret and len(secret) < SHORTEST_SECRET:
        faults.append(f"WEBHOOK_SECRET: ngắn hơn {SHORTEST_SECRET} ký tự")
    return url, secret


def _patience(environment: Mapping[str, str], faults: list[str]) -> tuple[float, float]:
    """Seconds for an answer of the mail server, and for a lease: time for many answers."""
    smtp = _seconds("SMTP_SECONDS", environment.get("SMTP_SECONDS", "10"), faults)
    lease = _seconds("LEASE_SECONDS", environment.get("LEASE_SECONDS", "300"), faults)
    if lease < smtp * _ANSWERS_IN_A_LEASE:
        faults.append(f"LEASE_SECONDS: ít nhất gấp {_ANSWERS_IN_A_LEASE} lần SMTP_SECONDS")
    return smtp, lease


def _seconds(name: str, text: str, faults: list[str]) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if 0 < seconds < float("inf"):
        return seconds
    faults.append(f"{name}: phải là số giây lớn hơn 0")
    return 1.0


def _test_build(
    environment: Mapping[str, str], base_url: str, faults: list[str]
) -> tuple[bool, str]:
    """A build for tests of crashes; never one that people reach."""
    test_build = environment.get("TEST_BUILD", "").strip().lower() in _TRUE
    failpoints = environment.get("FAILPOINTS", "").strip()
    if failpoints and not test_build:
        faults.append("FAILPOINTS: chỉ dùng khi TEST_BUILD=1")
    if test_build and urlsplit(base_url).scheme == "https":
        faults.append("TEST_BUILD: không dùng cho địa chỉ https; đây là bản để thử, không vận hành")
    return test_build, failpoints


def _factor(environment: Mapping[str, str], faults: list[str], *, demonstration: bool) -> bool:
    """Is the second factor required? Unless told, everywhere but in a demonstration."""
    usual = "offered" if demonstration else "required"
    factor = environment.get("SECOND_FACTOR", "").strip().lower() or usual
    if factor not in {"required", "offered"}:
        faults.append("SECOND_FACTOR: viết required (bắt buộc) hoặc offered (tự chọn)")
    return factor == "required"


def _port(text: str, faults: list[str]) -> int:
    if text.strip().isdigit():
        return int(text)
    faults.append("PORT: phải là số")
    return 0
