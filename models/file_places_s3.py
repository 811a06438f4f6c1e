"""Stored files in an S3-compatible store: the other adapter of `models.file_places.Place`.

Content is put only where nothing lies yet (a conditional put), so what is kept is never written
over, whoever else writes. What is read is compared with its hash and kept in a folder of this
machine, which may be emptied at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import S3Store

from models.file_places import SHA256, FileLost, FolderPlace, Place, PlaceDown, checked


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the store is and who we are to it; `url` is `s3://bucket/prefix`."""

    url: str
    endpoint: str = ""
    region: str = ""
    key: str = ""
    secret: str = ""


def place_at(folder: Path, bucket: Bucket) -> Place:
    """Where files lie: in the bucket with a cache in `folder`; in `folder` where none is named."""
    return S3Place(bucket, folder / ".cache") if bucket.url else FolderPlace(folder)


class S3Place:
    """Objects named by their SHA-256, two letters of it as prefix."""

    def __init__(self, bucket: Bucket, cache: Path) -> None:
        """Nothing is asked of the store yet; `cache` is a folder of this machine."""
        told = urlsplit(bucket.url)
        self.prefix = told.path.strip("/")
        self.cache = cache
        self.store = S3Store(
            told.netloc,
            config={"endpoint": bucket.endpoint} if bucket.endpoint else {},
            region=bucket.region or "us-east-1",
            access_key_id=bucket.key,
            secret_access_key=bucket.secret,
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
            virtual_hosted_style_request=False,
            client_options={"timeout": "20s", "allow_http": bucket.endpoint.startswith("http:")},
        )

    def keep(self, sha256: str, staged: Path) -> None:
        """Put the content unless it is there already; then the staged file is gone."""
        with _answering(), contextlib.suppress(AlreadyExistsError):
            self.store.put(self._name(sha256), staged, mode="create", use_multipart=False)
        staged.unlink()

    def fetch(self, sha256: str) -> Path:
        """The content in a file of this machine, compared with its hash when it came."""
        name, place = self._name(sha256), self.cache / sha256[:2] / sha256
        if place.is_file():
            return place
        try:
            with _answering():
                content = self.store.get(name).bytes().to_bytes()
        except (NotFoundError, FileNotFoundError):
            raise FileLost(sha256) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileLost(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=place.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(fresh).replace(place)
        return place

    def hashes(self) -> Iterator[str]:
        """Every object whose name is a hash."""
        with _answering():
            names = [
                one["path"].rsplit("/", 1)[-1]
                for page in self.store.list(self.prefix or None)
                for one in page
            ]
        yield from filter(SHA256.fullmatch, names)

    def _name(self, sha256: str) -> str:
        name = f"{checked(sha256)[:2]}/{sha256}"
        return f"{self.prefix}/{name}" if self.prefix else name


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    """Anything but a plain no of the store means that it is down for us."""
    try:
        yield
    except (AlreadyExistsError, NotFoundError, FileNotFoundError):
        raise
    except BaseError as error:
        raise PlaceDown(type(error).__name__) from error
