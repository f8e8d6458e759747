"""The first page: what this is, and the two ways in."""

from __future__ import annotations

from flask import Blueprint, render_template

from bot.web.access import sample_doors_open

room = Blueprint("welcome", __name__)


@room.get("/")
def home() -> str:
    """Say what this is; lead to the phone and to the staff side."""
    return render_template("welcome.html", sample=sample_doors_open())
