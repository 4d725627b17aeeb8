"""`/v1/catalogue`: every method, published system and scheme, as the studio and other programs list them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from fastapi import APIRouter

from ..catalogue import Row, rows
from ..scheme import schemes
from ..studies import status, studies, systems

router = APIRouter(prefix="/v1", tags=["catalogue"])


@router.get("/catalogue", summary="Methods, papers and schemes")
def catalogue() -> dict[str, list[dict[str, Any]]]:
    """What can be asked for, its licence, how well it was measured, and which published systems have a study."""
    return _catalogue()


@cache
def _catalogue() -> dict[str, list[dict[str, Any]]]:
    known = studies()
    return {
        "methods": [_method(row) for row in rows()],
        "papers": [
            {
                "id": x.id,
                "title": x.title,
                "kind": x.kind,
                "status": status(x.id),
                "study": x.id if x.id in known else "",
            }
            for x in systems()
        ],
        "schemes": [
            {"name": x.name, "title": x.title, "layer": x.layer, "labels": list(x.labels), "paper": x.paper}
            for x in schemes()
        ],
    }


def _method(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "about": row.summary,
        "room": row.room,
        "paper": row.paper,
        "licence": row.licence,
        "commercial_ok": row.commercial_ok,
        "measured": " ".join(map(str, row.number.values())),
        "differs": row.differs,
        "card": _card(str(row.params.get("weights", ""))),
    }


def _card(weights: str) -> str:
    """The card of a row's weights, where it has any."""
    file = resources.files("insula") / "weights" / f"{weights}.md"
    return file.read_text(encoding="utf-8") if weights and file.is_file() else ""
