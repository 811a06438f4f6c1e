"""The service over a record of a test's own, in this process: nothing of a demonstration needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

from config.settings import Settings
from views import create_app

if TYPE_CHECKING:
    from models.database import Database


@contextmanager
def serving(
    database: Database, storage: Path, clock: Callable[[], datetime], host: str = "127.0.0.1"
) -> Iterator[str]:
    """The address the service answers at, on a port of its own."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://{host}:{server.port}"
    settings = Settings(
        database_url="given",
        secret_key="s" * 40,
        storage_dir=storage,
        smtp_url="smtp://127.0.0.1:9",
        mail_from="x@example.vn",
        base_url=url,
        factor_required=False,
    )
    server.app = create_app(settings, database, clock)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
