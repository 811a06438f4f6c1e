"""Hồ sơ: the list and the page of one dossier."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

pages = Blueprint("dossiers", __name__)


@pages.get("/ho-so")
def index() -> ResponseReturnValue:
    """List what the reader may see."""
    return render_template("dossiers/index.html")


@pages.get("/ho-so/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show one dossier."""
    return render_template("dossiers/show.html", code=code)
