"""XML of new clients: no entities, no external things, text and attributes of bounded length."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LONGEST = 200  # characters of a text


def parse_xml(text: str) -> Element | None:
    """The root of a document; None if it is damaged or uses what no status page needs (a DTD, an entity)."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root: Element = fromstring(text.lstrip().encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def text_of(element: Element | None) -> str:
    """The element's own text; empty without one."""
    return (element.text or "").strip()[:_LONGEST] if element is not None else ""


def attribute(element: Element, name: str) -> str:
    """The attribute's value; empty without one."""
    return element.get(name, "").strip()[:_LONGEST]
