"""Settings of what happens to files: a virus scanner, a store elsewhere, whose seals to trust."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCANNER_SCHEMES = {"unix", "tcp"}
_DOWN = {"refuse": True, "accept": False}


@dataclass(frozen=True, slots=True)
class FileSettings:
    """All optional: without them files lie in STORAGE_DIR, unscanned, and no seal is trusted."""

    clamd_url: str = ""
    """`unix:/run/clamav/clamd.ctl` or `tcp://host:3310`."""
    refuse_unscanned: bool = True
    """What becomes of an upload while the scanner does not answer."""
    s3_url: str = ""
    """`s3://bucket/prefix`."""
    s3_endpoint: str = ""
    s3_region: str = ""
    s3_key: str = ""
    s3_secret: str = field(default="", metadata={"secret": True})
    roots_dir: Path | None = None
    """A folder of certificates (PEM or DER) of authorities whose signatures are trusted."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], faults: list[str]) -> Self:
        """Read what is set; each fault is added to `faults`, and nothing is raised."""

        def get(name: str) -> str:
            return environment.get(name, "").strip()

        clamd, down = get("CLAMD_URL"), get("CLAMD_DOWN") or "refuse"
        if clamd and urlsplit(clamd).scheme not in _SCANNER_SCHEMES:
            faults.append("CLAMD_URL: viết như unix:/run/clamav/clamd.ctl hoặc tcp://máy:3310")
        if down not in _DOWN:
            faults.append("CLAMD_DOWN: chỉ có refuse hoặc accept")
        s3_url, endpoint = get("S3_URL"), get("S3_ENDPOINT")
        if s3_url and (urlsplit(s3_url).scheme != "s3" or not urlsplit(s3_url).netloc):
            faults.append("S3_URL: viết như s3://tên-kho/thư-mục")
        if endpoint and urlsplit(endpoint).scheme not in {"http", "https"}:
            faults.append("S3_ENDPOINT: phải bắt đầu bằng http:// hoặc https://")
        key, secret = get("S3_ACCESS_KEY_ID"), get("S3_SECRET_ACCESS_KEY")
        if s3_url and not (key and secret):
            faults.append("S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: cần cả hai khi đặt S3_URL")
        roots = Path(get("SIGNATURE_ROOTS_DIR")) if get("SIGNATURE_ROOTS_DIR") else None
        if roots is not None and not roots.is_dir():
            faults.append("SIGNATURE_ROOTS_DIR: không có thư mục này")
        return cls(
            clamd_url=clamd,
            refuse_unscanned=_DOWN.get(down, True),
            s3_url=s3_url,
            s3_endpoint=endpoint,
            s3_region=get("S3_REGION"),
            s3_key=key,
            s3_secret=secret,
            roots_dir=roots,
        )
