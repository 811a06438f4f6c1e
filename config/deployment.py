"""What a real service must not be run with, told all at once; and every value it does run with.

Nothing here is asked of a demonstration or a build for tests, but that neither is reached by
https. The rules are those of `docs/operations.md`, *Unsafe settings*.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from config.operation_settings import with_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.settings import Settings

_TRUE: Final = {"1", "true", "yes", "on"}
_LOOPBACK: Final = re.compile(r"localhost|127(\.\d+){3}|::1|\[::1\]")
_KNOWN_KEYS: Final = re.compile(
    r"change.?me|secret.?key|your.?secret|replace.?me|example|insecure|password|123456|abcdef"
    r"|minh.?hoa|doi.?khoa",
    re.IGNORECASE,
)
_FEWEST_SIGNS: Final = 12
"""Random keys of 32 characters have 17 different ones or more, in any usual alphabet."""
_KEYS: Final = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "WEBHOOK_SECRET",
    "CHECKPOINT_WEBHOOK_SECRET",
    "METRICS_TOKEN",
)
_FAR_DISKS: Final = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "afs"}
_DRIVER: Final = re.compile(r"^postgresql(\+\w+)?$")
_SECRET_NAME: Final = re.compile(r"secret|token|password|passwd|private|(^|_)keys?($|_)")
_PASSWORD: Final = re.compile(r"://[^:@/\s]*:([^@/\s]+)@|password=([^&\s]+)", re.IGNORECASE)
_IN_AN_ADDRESS: Final = re.compile(
    r"(?<=://)([^/@\s]*:)?[^/@\s]*@|(?<=password=)[^&\s]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Unsafe:
    """One setting a real service must not have: its name for ACCEPT_UNSAFE, what, and the remedy.

    What is grave cannot be accepted.
    """

    name: str
    setting: str
    what: str
    remedy: str
    grave: bool = False

    def __str__(self) -> str:
        """One line for a person at a terminal."""
        accept = "" if self.grave else f" (hoặc chấp nhận: ACCEPT_UNSAFE={self.name})"
        return f"{self.setting}: {self.what}. Cách sửa: {self.remedy}{accept}."


def check_deploy(environment: Mapping[str, str]) -> list[Unsafe]:
    """Everything unsafe in the settings, all at once, less what the office has accepted.

    What is missing or cannot be read is no matter of this function: `Settings` tells that.
    """
    accepted = _accepted(environment)
    return [one for one in found_unsafe(environment) if one.grave or one.name not in accepted]


def accepted_risks(environment: Mapping[str, str]) -> list[Unsafe]:
    """What is unsafe and was accepted: to be told at every start and by `flask doctor`."""
    accepted = _accepted(environment)
    return [one for one in found_unsafe(environment) if not one.grave and one.name in accepted]


def found_unsafe(environment: Mapping[str, str]) -> list[Unsafe]:
    """Everything unsafe in the settings, accepted or not."""
    whole = with_files(environment, [])
    if _is_on(whole, "DEMONSTRATION"):
        return list(_of_a_demonstration(whole))
    if _is_on(whole, "TEST_BUILD"):
        return []
    checks = (_debugging, _keys, _address, _factor, _database, _neighbours)
    return [one for check in checks for one in check(whole)]


def effective(settings: Settings) -> dict[str, str]:
    """Every setting with its value as used, by name; of a secret only whether it is set."""
    return dict(_told(settings))


def secrets_in(settings: object) -> set[str]:
    """The secret values themselves, so that the log can be kept free of them."""
    found: set[str] = set()
    for one in dataclasses.fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, one.name)
        if dataclasses.is_dataclass(value):
            found |= secrets_in(value)
        elif one.metadata.get("secret") or _SECRET_NAME.search(one.name):
            found |= {str(part) for part in (value if isinstance(value, tuple) else (value,))}
        elif isinstance(value, str):
            found |= {part for pair in _PASSWORD.findall(value) for part in pair}
    return found - {""}


def masked(text: str) -> str:
    """An address without the name and password in it."""
    return _IN_AN_ADDRESS.sub(lambda found: "***@" if found[0].endswith("@") else "***", text)


# --- The rules -------------------------------------------------------------------------------


def _of_a_demonstration(given: Mapping[str, str]) -> Iterator[Unsafe]:
    if urlsplit(given.get("BASE_URL", "")).scheme == "https":
        yield Unsafe(
            "demonstration",
            "DEMONSTRATION",
            "đang bật cho một địa chỉ https: ai cũng biết mật khẩu của tài khoản minh hoạ",
            "bỏ DEMONSTRATION; chỉ trình diễn qua http trên máy này hoặc trong mạng nội bộ",
            grave=True,
        )


def _debugging(given: Mapping[str, str]) -> Iterator[Unsafe]:
    on = [name for name in ("FLASK_DEBUG", "PYTHONDEVMODE", "PYTHONINSPECT") if _is_on(given, name)]
    if on:
        yield Unsafe(
            "debug",
            ", ".join(on),
            "chế độ gỡ lỗi đang bật, trang lỗi sẽ lộ mã nguồn",
            f"bỏ {', '.join(on)}",
            grave=True,
        )


def _keys(given: Mapping[str, str]) -> Iterator[Unsafe]:
    for name in _KEYS:
        values = [one.strip() for one in given.get(name, "").split(",") if one.strip()]
        if any(len(set(one)) < _FEWEST_SIGNS or _KNOWN_KEYS.search(one) for one in values):
            yield Unsafe(
                "weak-key",
                name,
                "khóa dễ đoán hoặc là khóa mẫu",
                'tạo khóa mới: python3 -c "import secrets; print(secrets.token_urlsafe(48))"',
                grave=True,
            )


def _address(given: Mapping[str, str]) -> Iterator[Unsafe]:
    address = urlsplit(given.get("BASE_URL", ""))
    if address.scheme == "http" and not _is_here(address.hostname):
        yield Unsafe(
            "plain-http",
            "BASE_URL",
            "địa chỉ http: mật khẩu và phiên làm việc đi qua mạng không mã hoá",
            "đặt proxy có TLS phía trước và dùng https (docs/deployment.md)",
        )


def _factor(given: Mapping[str, str]) -> Iterator[Unsafe]:
    if given.get("SECOND_FACTOR", "").strip().lower() == "offered":
        yield Unsafe(
            "one-factor",
            "SECOND_FACTOR",
            "quản trị, người thẩm định và người quyết định vào được chỉ bằng mật khẩu",
            "đặt SECOND_FACTOR=required hoặc bỏ trống",
        )


def _database(given: Mapping[str, str]) -> Iterator[Unsafe]:
    url = given.get("DATABASE_URL", "")
    address = urlsplit(url)
    if _DRIVER.match(address.scheme):
        asked = parse_qs(address.query)
        hosts = [address.hostname or "", *",".join(asked.get("host", [])).split(",")]
        mode = asked.get("sslmode", ["prefer"])[-1]
        if mode != "verify-full" and any(not _is_here(one) for one in hosts if one):
            yield Unsafe(
                "database-tls",
                "DATABASE_URL",
                f"PostgreSQL ở máy khác với sslmode={mode}: không kiểm chứng thư máy chủ",
                "thêm ?sslmode=verify-full&sslrootcert=… vào địa chỉ",
            )
    elif address.scheme == "sqlite" and _disk_of(Path(url.removeprefix("sqlite:///"))):
        yield Unsafe(
            "sqlite-far",
            "DATABASE_URL",
            "tệp SQLite nằm trên đĩa mạng, nơi khóa tệp không đáng tin",
            "chuyển tệp sang đĩa của máy, hoặc dùng PostgreSQL",
            grave=True,
        )


def _neighbours(given: Mapping[str, str]) -> Iterator[Unsafe]:
    mail = urlsplit(given.get("SMTP_URL", ""))
    if mail.scheme == "smtp" and not _is_here(mail.hostname):
        yield Unsafe(
            "plain-smtp",
            "SMTP_URL",
            "thư đi tới máy khác không mã hoá",
            "dùng smtp+starttls:// hoặc smtps://",
        )
    for name in ("WEBHOOK_URL", "CHECKPOINT_WEBHOOK_URL", "S3_ENDPOINT", "OIDC_ISSUER"):
        other = urlsplit(given.get(name, ""))
        if other.scheme == "http" and not _is_here(other.hostname):
            yield Unsafe(
                "plain-neighbour",
                name,
                "gửi dữ liệu tới máy khác không mã hoá",
                "dùng https",
            )
    scanner = urlsplit(given.get("CLAMD_URL", ""))
    if scanner.scheme == "tcp" and not _is_here(scanner.hostname):
        yield Unsafe(
            "plain-neighbour",
            "CLAMD_URL",
            "tệp đi tới máy quét vi-rút khác không mã hoá",
            "chạy clamd trên máy này (unix:…), hoặc qua đường hầm TLS tới localhost",
        )


# --- How they are found ----------------------------------------------------------------------


def _accepted(environment: Mapping[str, str]) -> set[str]:
    return {one.strip() for one in environment.get("ACCEPT_UNSAFE", "").split(",")}


def _is_on(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "").strip().lower() in _TRUE


def _is_here(host: str | None) -> bool:
    """This very machine: loopback, or the folder of a socket."""
    return not host or host.startswith("/") or bool(_LOOPBACK.fullmatch(host))


def _disk_of(path: Path) -> str:
    """The kind of a disk of another machine this path lies on; empty for our own."""
    try:
        mounts = Path("/proc/mounts").read_text("utf-8").splitlines()
    except OSError:
        return ""
    whole = str(path.absolute())
    best = ("", "")
    for line in mounts:
        _, folder, kind, *_ = line.split(" ")
        under = whole == folder or whole.startswith(f"{folder.rstrip('/')}/")
        if under and len(folder) >= len(best[0]):
            best = (folder, kind)
    kind = best[1]
    return kind if kind in _FAR_DISKS or kind.startswith("fuse.ss") else ""


def _told(settings: object, within: str = "") -> Iterator[tuple[str, str]]:
    for one in dataclasses.fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, one.name)
        name = f"{within}{one.name}"
        if dataclasses.is_dataclass(value):
            yield from _told(value, f"{name}.")
        elif one.metadata.get("secret") or _SECRET_NAME.search(one.name):
            yield name, "đã đặt" if value else "chưa đặt"
        else:
            yield name, _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, frozenset | set):
        return ", ".join(sorted(map(str, value)))
    return "" if value is None else masked(str(value))
