"""Việc của tôi: what is to be done, by whom, by when."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

pages = Blueprint("inbox", __name__)


@pages.get("/")
def home() -> ResponseReturnValue:
    """The front page is the inbox."""
    return redirect(url_for("inbox.show"), 303)


@pages.get("/viec")
def show() -> ResponseReturnValue:
    """Show the reader's inbox."""
    return render_template("inbox/show.html")
