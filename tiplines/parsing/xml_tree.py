"""XML bytes to plain nodes, in one pass: the only place where XML is parsed.

A node is lossless JSON. An element with neither attributes nor children is its text; any other is
`{"@attribute": text, "#text": text, "child": node or [node, …]}`: a child that occurs once is a
node, one that repeats is a list in document order. The order between children of different names
is kept only as first met (the schema fixes it). White space between elements, comments and
processing instructions are dropped. Aadhaar numbers in prose are masked on the way in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError  # the errors only: parsing is defusedxml's
from xml.parsers.expat import ExpatError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from tiplines.parsing.aadhaar import mask_aadhaar, masked_unknown
from tiplines.parsing.ispws import ROOTS, Shape
from tiplines.parsing.limits import (
    UNREAD_PATHS_AT_MOST,
    XML_DEPTH_AT_MOST,
    XML_ELEMENTS_AT_MOST,
    XML_TAG_BYTES_AT_MOST,
    UnreadableReport,
    check_size,
)

Node = str | dict[str, Any]

XSI = "http://www.w3.org/2001/XMLSchema-instance}"
UNKNOWN = Shape()
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One `report`, `fileDetails` or response of a document."""

    kind: str
    node: dict[str, Any]
    unread: tuple[str, ...]
    parent: int
    """Serial number of the element around it; 0 at the top of the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    parts: tuple[Part, ...]
    wrapping: Node
    """What stands around the parts, without them; "" when that is nothing."""


def read_tree(data: bytes) -> Document:
    """Return the parts of an ispws document.

    Raises UnreadableReport: not XML, a document type declaration, too deep, too many elements, or
    nothing in it that the schema knows.
    """
    check_size(data)
    builder = _Builder()
    parser = DefusedXMLParser(forbid_dtd=True)
    # defusedxml's parser is the pure Python one. Its guards are what we need of it; the three
    # handlers that run for every element are ours, which makes it several times faster.
    expat = parser.parser
    expat.StartElementHandler = builder.start
    expat.EndElementHandler = builder.end
    expat.CharacterDataHandler = builder.text
    expat.CommentHandler = None
    expat.ProcessingInstructionHandler = None
    expat.ordered_attributes = True
    try:
        for at in range(0, len(data), CHUNK_BYTES):
            parser.feed(data[at : at + CHUNK_BYTES])
            if at + CHUNK_BYTES - expat.CurrentByteIndex > XML_TAG_BYTES_AT_MOST:
                raise UnreadableReport("one tag is larger than a report", place=builder.path())
        expat.Parse(b"", True)  # noqa: FBT003 - expat takes it by position only
    except DefusedXmlException as refused:
        raise UnreadableReport(
            "a document type declaration or entity is not allowed", place=builder.path()
        ) from refused
    except (ParseError, ExpatError, LookupError, ValueError) as broken:
        raise UnreadableReport(f"not well-formed XML: {broken}", place=builder.path()) from broken
    if not builder.parts:
        raise UnreadableReport(
            "no report, fileDetails or response in this XML", place=builder.top_name
        )
    return Document(parts=tuple(builder.parts), wrapping=builder.wrapping)


class _Builder:
    """Builds nodes as the parser meets elements, and notes on the way what the table lacks."""

    __slots__ = (
        "chunks",
        "count",
        "names",
        "nodes",
        "parents",
        "parts",
        "shape",
        "shapes",
        "start_depth",
        "top_name",
        "unread",
        "wrapping",
    )

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.wrapping: Node = ""
        self.top_name = ""
        self.names: list[str] = []
        self.nodes: list[dict[str, Any]] = []
        # None: outside any root, that is in a container.
        self.shapes: list[Shape | None] = []
        self.parents: list[int] = []
        self.chunks: list[str] = []
        self.unread: set[str] = set()
        self.count = 0
        self.start_depth = 0

    def path(self) -> str:
        return "/".join(self.names)

    def start(self, name: str, attributes: list[str]) -> None:
        names, shapes = self.names, self.shapes
        self.count += 1 + len(attributes) // 2
        if self.count > XML_ELEMENTS_AT_MOST:
            raise UnreadableReport(
                f"more than {XML_ELEMENTS_AT_MOST} elements and attributes", place=self.path()
            )
        if len(names) >= XML_DEPTH_AT_MOST:
            raise UnreadableReport(
                f"elements are nested deeper than {XML_DEPTH_AT_MOST} levels",
                place="/".join(names[:8]) + "/…",
            )
        namespace = ""
        if "}" in name:
            namespace, _, name = name.rpartition("}")
        if self.chunks:
            self._flush()

        outer = shapes[-1] if shapes else None
        shape: Shape | None
        if outer is None:
            shape = ROOTS.get(name)
            if shape is not None:
                self.start_depth = len(names)
                self.unread = set()
            elif not names:
                self.top_name = name
        else:
            shape = outer.children.get(name)
            if shape is None:
                shape = UNKNOWN
                if not outer.takes_any_flag:
                    self._note(name)
        names.append(name)
        shapes.append(shape)
        self.parents.append(self.count)

        node: dict[str, Any] = {}
        if namespace:
            node["@xmlns"] = namespace
        if attributes:
            known = shape.attributes if shape is not None else ()
            for at in range(0, len(attributes), 2):
                key, value = attributes[at], attributes[at + 1]
                if "}" in key:
                    key = "xsi:" + key[len(XSI) :] if key.startswith(XSI) else key
                    is_known = key.startswith("xsi:")
                else:
                    is_known = key in known
                if not is_known and shape is not None:
                    self._note(f"@{key}")
                    value = mask_aadhaar(value)
                node[f"@{key}"] = value
        self.nodes.append(node)

    def text(self, data: str) -> None:
        self.chunks.append(data)

    def _flush(self) -> None:
        """Put the text before a child, or after one, with its element."""
        text = "".join(self.chunks)
        self.chunks.clear()
        if self.nodes and text.strip():
            node = self.nodes[-1]
            text = self._masked(text, self.shapes[-1], self.names[-1])
            node["#text"] = f"{node['#text']}\n{text}" if "#text" in node else text

    def end(self, _name: str) -> None:
        shape = self.shapes.pop()
        name = self.names[-1]
        node = self.nodes.pop()
        self.parents.pop()
        value: Node
        if node:
            if self.chunks:
                self.nodes.append(node)
                self.shapes.append(shape)
                self._flush()
                self.nodes.pop()
                self.shapes.pop()
            value = node
        elif self.chunks:
            text = self.chunks[0] if len(self.chunks) == 1 else "".join(self.chunks)
            self.chunks.clear()
            value = self._masked(text, shape, name)
        else:
            value = ""
        self.names.pop()

        if shape is not None and len(self.names) == self.start_depth:
            self.parts.append(
                Part(
                    kind=name,
                    node=value if isinstance(value, dict) else _as_node(value),
                    unread=tuple(sorted(self.unread)),
                    parent=self.parents[-1] if self.parents else 0,
                )
            )
            return
        if shape is None and not (value if isinstance(value, dict) else value.strip()):
            return  # a container emptied of its parts says nothing
        if not self.nodes:
            self.wrapping = {name: value}
            return
        outer = self.nodes[-1]
        before = outer.get(name)
        if before is None:
            outer[name] = value
        elif type(before) is list:
            before.append(value)
        else:
            outer[name] = [before, value]

    def _note(self, name: str) -> None:
        if len(self.unread) < UNREAD_PATHS_AT_MOST:
            self.unread.add("/".join([*self.names[self.start_depth :], name]))

    @staticmethod
    def _masked(text: str, shape: Shape | None, name: str) -> str:
        if shape is not None and shape is not UNKNOWN:
            return mask_aadhaar(text) if shape.is_prose else text
        return masked_unknown(name, text)


def _as_node(text: str) -> dict[str, Any]:
    return {"#text": text} if text.strip() else {}


# --- reading nodes ------------------------------------------------------------------------------


def each(node: Mapping[str, Any], name: str) -> list[Any]:
    """Return the children of that name, in document order."""
    value = node.get(name)
    if value is None:
        return []
    return value if type(value) is list else [value]


def content(node: Node) -> str:
    """Return an element's own text, stripped."""
    if type(node) is dict:
        return str(node.get("#text", "")).strip()
    return str(node).strip()


def text_of(node: Mapping[str, Any], name: str) -> str:
    """Return the text of a child; of one that repeats against the schema, all of them by line."""
    value = node.get(name)
    if value is None:
        return ""
    if type(value) is list:
        return "\n".join(filter(None, map(content, value)))
    return content(value)


def texts_of(node: Mapping[str, Any], name: str) -> list[str]:
    return [text for child in each(node, name) if (text := content(child))]


def part_of(node: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a child that has children of its own; an empty node if it is absent or empty."""
    value = node.get(name)
    if type(value) is list:
        value = value[0]
    return value if type(value) is dict else {}


def parts_of(node: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the children of that name as nodes; one without attributes or children has `#text`."""
    return [child if type(child) is dict else _as_node(child) for child in each(node, name)]


def attribute(node: Node, name: str) -> str:
    return str(node.get(f"@{name}", "")).strip() if type(node) is dict else ""
