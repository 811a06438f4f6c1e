"""Prepare `.venv` from a locked list of packages, and find a browser for the tests.

    python3 -m config.bootstrap run       what the service needs (requirements.txt)
    python3 -m config.bootstrap dev       that, and what tests and checks need
    python3 -m config.bootstrap browser   find Chromium, or try to install it
    python3 -m config.bootstrap proxy     find nginx, or fetch it into var/, for the tests

Runs before anything is installed, hence on the standard library alone. Start it as a module
from the root of the repository: as a script, this folder would come first on the search path.
"""

from __future__ import annotations

import fcntl
import functools
import glob
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
VAR = ROOT / "var"
BROWSER_MISSING = VAR / "browser-missing"

LOCKS = {"run": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}
# The dev lock holds everything the run lock does, at the same versions.
COVERS = {"run": ("run",), "dev": ("run", "dev")}

BARE_BROWSER = "chromium-headless-shell"
"""Chromium without windows: the same pages for half the processor time."""
NGINX = VAR / "nginx"
"""Unpacked, not installed: nothing is started, and no file of the system changes."""
NGINX_MISSING = VAR / "nginx-missing"

BROWSERS = (
    BARE_BROWSER,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
APT = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3")
FONT_PACKAGES = ("fonts-liberation", "fonts-noto-core")
BROWSER_PACKAGES = ("chromium", *FONT_PACKAGES)
OLDEST_PIP_FOR_OTHER_PYTHONS = (22, 3)
PROGRESS_EVERY_SECONDS = 5.0


class CannotPrepareError(Exception):
    """The environment cannot be made; the message tells a person what to do."""


def say(message: str) -> None:
    """Tell the person at the terminal what happens."""
    print(f"[prepare] {message}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Do what the one argument asks; return the exit code."""
    if len(arguments) != 1 or arguments[0] not in (*LOCKS, "browser", "proxy"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if arguments[0] == "browser":
            provide_browser()
        elif arguments[0] == "proxy":
            provide_proxy()
        else:
            provide_environment(arguments[0])
    except CannotPrepareError as problem:
        print(f"\n[prepare] STOPPED: {problem}\n", file=sys.stderr, flush=True)
        return 1
    return 0


# --- The environment -----------------------------------------------------------------------


def provide_environment(kind: str) -> None:
    """Make `.venv` hold the packages of one lock, unless it already does."""
    if is_stamped(kind):
        return
    if VENV.is_symlink():
        say(f"{VENV.name} is a link to an environment of somebody else, who keeps it up to date")
        return
    if sys.version_info < OLDEST_PYTHON:
        raise CannotPrepareError(
            f"Python {platform.python_version()} is too old; 3.11 or newer is needed. "
            "With a newer one installed: make PYTHON=python3.12 …"
        )
    with one_at_a_time():
        if is_stamped(kind):
            return
        for stamp in VENV.glob("stamp-*"):
            stamp.unlink()
        if not venv_works():
            make_venv()
        install(LOCKS[kind])
        for covered in COVERS[kind]:
            stamp_path(covered).write_text(stamp_text(covered), encoding="utf-8")


def stamp_path(kind: str) -> Path:
    """Return where the mark of a finished installation lies."""
    return VENV / f"stamp-{kind}"


def stamp_text(kind: str) -> str:
    """Name all that must not change for an installation to stay valid."""
    digest = hashlib.sha256(LOCKS[kind].read_bytes()).hexdigest()
    return f"{digest}\n{VENV}\n"


def is_stamped(kind: str) -> bool:
    """Tell whether this very lock has been installed here."""
    try:
        installed = stamp_path(kind).read_text(encoding="utf-8")
    except OSError:
        return False
    return installed == stamp_text(kind) and VENV_PYTHON.exists()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second `make` wait until the first has finished installing."""
    VAR.mkdir(mode=0o700, exist_ok=True)
    with (VAR / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def venv_works() -> bool:
    """Tell whether `.venv` belongs here and its Python is new enough to be kept."""
    try:
        settings = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return False
    belongs_here = f"{VENV}\n" in f"{settings}\n" or "command =" not in settings
    new_enough = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    return belongs_here and succeeds([str(VENV_PYTHON), "-c", new_enough])


def make_venv() -> None:
    """Create `.venv`, with its own pip where the system's Python can provide one."""
    say(f"creating .venv with Python {platform.python_version()}")
    make = [sys.executable, "-m", "venv", "--clear"]
    if succeeds([*make, str(VENV)]):
        return
    say("this Python cannot put pip into an environment; going on without")
    if not succeeds([*make, "--without-pip", str(VENV)]):
        raise CannotPrepareError(
            f"{sys.executable} cannot create a virtual environment. On Debian or Ubuntu: "
            "apt-get install python3-venv. On Fedora: dnf install python3-libs."
        )


def install(lock: Path) -> None:
    """Install a lock with hash checks, reporting progress.

    The lock names everything, so pip is not asked to resolve: where a package wants an extra of
    another (`coverage[toml]`), pip 23 takes the newest release for it, and stops at its hash.
    """
    total = len(re.findall(r"^[a-z0-9][^\s=]*==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"installing {total} packages listed in {lock.name} (a minute or so the first time)")
    start = time.monotonic()
    pip = installer()
    # Most modules are never used; Python compiles those that are when it first meets them.
    ways = ["--no-compile", "--no-deps", "--require-hashes"]
    run_with_progress([*pip, "install", *ways, "-r", str(lock)], total)
    run_with_progress([*pip, "check"])
    say(f"packages ready after {time.monotonic() - start:.0f} s")


def installer() -> list[str]:
    """Find a pip that can install into `.venv`."""
    options = ["--no-input", "--disable-pip-version-check"]
    own = [str(VENV_PYTHON), "-m", "pip"]
    if succeeds([*own, "--version"]):
        return [*own, *options]
    for pip in foreign_pips():
        if version_of(pip) >= OLDEST_PIP_FOR_OTHER_PYTHONS:
            say(f"borrowing another pip: {' '.join(pip)}")
            return [*pip, "--python", str(VENV_PYTHON), *options]
    raise CannotPrepareError(
        "no pip was found to install packages with. On Debian or Ubuntu: "
        "apt-get install python3-venv. On Fedora: dnf install python3-pip. Then start again."
    )


def foreign_pips() -> Iterator[list[str]]:
    """Propose every pip outside `.venv`: installed, on the path, or as a wheel."""
    yield [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        found = shutil.which(name)
        if found:
            yield [found]
    folders = [os.environ.get("PIP_FIND_LINKS", ""), "/usr/share/python-wheels"]
    for folder in filter(os.path.isdir, folders):
        for wheel in sorted(glob.glob(f"{glob.escape(folder)}/pip-*.whl"), reverse=True):
            yield [sys.executable, f"{wheel}/pip"]


def version_of(pip: Sequence[str]) -> tuple[int, ...]:
    """Ask a pip for its version; (0,) when it does not answer."""
    done = quietly([*pip, "--version"])
    match = re.match(r"pip (\d+)\.(\d+)", done.stdout) if done else None
    return tuple(int(part) for part in match.groups()) if match else (0,)


# --- The browser ---------------------------------------------------------------------------


@functools.lru_cache
def find_browser() -> str | None:
    """Return the path of a Chromium that starts, or None."""
    for name in (os.environ.get("CHROMIUM", ""), *BROWSERS):
        path = shutil.which(name) if name else None
        if path and succeeds([path, "--version"]):
            return path
    return None


def browser_missing() -> str:
    """Say why browser tests cannot run; empty when nothing is known against them."""
    return BROWSER_MISSING.read_text(encoding="utf-8").strip() if BROWSER_MISSING.exists() else ""


def provide_browser() -> None:
    """Find Chromium, try to install it, or leave a note why the browser tests are skipped."""
    VAR.mkdir(mode=0o700, exist_ok=True)
    BROWSER_MISSING.unlink(missing_ok=True)
    if not shutil.which(BARE_BROWSER):
        install_bare_browser()
    find_browser.cache_clear()
    reason = "" if find_browser() else install_browser()
    find_browser.cache_clear()
    path = find_browser()
    if path:
        say(f"browser tests use {path}")
        return
    message = f"Browser tests cannot run: {reason or 'Chromium does not start.'}"
    BROWSER_MISSING.write_text(f"{message}\n", encoding="utf-8")
    say(f"!!! {message}")


def install_bare_browser() -> None:
    """Try to install Chromium without windows; where that fails a whole one does as well.

    Beside an installed Chromium it has to be the same version: they share their files.
    """
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    say(f"installing {BARE_BROWSER}, which halves the time of the browser tests")
    whole = quietly(["dpkg-query", "-W", "-f", "${Version}", "chromium"])
    wanted = f"{BARE_BROWSER}={whole.stdout.strip()}" if whole else BARE_BROWSER
    install = [*APT, "install", "-y", "--no-install-recommends", wanted, *FONT_PACKAGES]
    os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
    if not succeeds(install) and not (succeeds([*APT, "update"]) and succeeds(install)):
        say(f"no {BARE_BROWSER} of this version to be had; any other Chromium will do")


def install_browser() -> str:
    """Install Chromium from the system's packages; return why that failed, if it did."""
    by_hand = "Install Chromium by hand, or point the variable CHROMIUM at one."
    if not shutil.which("apt-get"):
        return f"no Chromium was found, and this system has no apt-get. {by_hand}"
    if os.geteuid() != 0:
        packages = " ".join(BROWSER_PACKAGES)
        return (
            "no Chromium was found, and only root may install one. "
            f"Try: sudo apt-get install --no-install-recommends {packages}"
        )
    say("no Chromium found; installing it from the system's packages (a minute or two)")
    os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
    try:
        run_with_progress([*APT, "update"])
        run_with_progress([*APT, "install", "-y", "--no-install-recommends", *BROWSER_PACKAGES])
    except CannotPrepareError as problem:
        return f"no Chromium was found, and installing it failed: {problem}"
    return ""


# --- The proxy -----------------------------------------------------------------------------


def find_nginx() -> str | None:
    """Return the path of an nginx that starts, or None."""
    for name in (os.environ.get("NGINX", ""), "nginx", str(NGINX / "usr/sbin/nginx")):
        path = shutil.which(name) if name else None
        if path and succeeds([path, "-v"]):
            return path
    return None


def provide_proxy() -> None:
    """Find nginx, fetch it, or leave a note why the tests behind a proxy are skipped."""
    VAR.mkdir(mode=0o700, exist_ok=True)
    NGINX_MISSING.unlink(missing_ok=True)
    reason = "" if find_nginx() else fetch_nginx()
    path = find_nginx()
    if path:
        say(f"tests behind a proxy use {path}")
        return
    message = f"Tests behind a proxy cannot run: {reason or 'nginx does not start.'}"
    NGINX_MISSING.write_text(f"{message}\n", encoding="utf-8")
    say(f"!!! {message}")


def fetch_nginx() -> str:
    """Unpack nginx from the system's packages into var/; return why that failed, if it did."""
    by_hand = "Install nginx, or point the variable NGINX at one."
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return f"no nginx was found, and this system has no apt-get. {by_hand}"
    say("no nginx found; fetching it from the system's packages")
    NGINX.mkdir(exist_ok=True)
    fetch = ["apt-get", "-q", "-o", "Acquire::Retries=3", "download", "nginx"]
    if quietly(fetch, NGINX) is None:
        # Lists of packages that were never read, or too long ago.
        if os.geteuid() == 0:
            quietly(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "update"])
        if quietly(fetch, NGINX) is None:
            return f"no nginx was found, and fetching it failed. {by_hand}"
    for package in NGINX.glob("nginx_*.deb"):
        quietly(["dpkg-deb", "-x", str(package), str(NGINX)])
    return ""


# --- Running other programs ----------------------------------------------------------------


def quietly(
    command: Sequence[str], folder: Path | None = None
) -> subprocess.CompletedProcess[str] | None:
    """Run a command unseen; None when it fails or cannot be started."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=300, cwd=folder
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done if done.returncode == 0 else None


def succeeds(command: Sequence[str]) -> bool:
    """Run a command unseen and tell whether it went well."""
    return quietly(command) is not None


def run_with_progress(command: Sequence[str], total: int = 0) -> None:
    """Run a long command; show now and then how far it is, and all its last words if it fails."""
    lines: list[str] = []
    seen = 0
    reported = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as child:
        for line in child.stdout or ():
            lines.append(line.rstrip())
            seen += line.startswith(("Collecting ", "Requirement already satisfied"))
            if time.monotonic() - reported >= PROGRESS_EVERY_SECONDS:
                reported = time.monotonic()
                say(f"  {seen} of {total} …" if seen < total else f"  {line.strip()[:90]}")
    if child.returncode:
        last_words = "\n    ".join(lines[-15:])
        raise CannotPrepareError(
            f"{Path(command[0]).name} failed with code {child.returncode}:\n    {last_words}"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
