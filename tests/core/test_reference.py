"""The reference page is what the declarations say."""

from __future__ import annotations

from pathlib import Path

from replate.nodes import NODES
from replate.options import OPTIONS
from replate.reference import describe, markdown

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert page == markdown(), "run: python -m replate.reference > docs/reference.md"


def test_everything_declared_is_on_it() -> None:
    page = markdown()
    for param in [*OPTIONS, *(param for node in NODES.values() for param in node.params)]:
        assert f"`{param.name}`" in page
    for node in NODES.values():
        assert all(param.name in describe(node) for param in node.params)


def test_every_link_in_the_documentation_leads_somewhere() -> None:
    import re

    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))]
    assert links
    assert not [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()]
