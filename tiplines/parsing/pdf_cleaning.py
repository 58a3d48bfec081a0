"""A PDF with nothing in it but text: what may be kept of it. Runs in the limited child only.

A PDF that holds only text is left byte for byte. Whether it does is told from all its bytes, not
from what its tables name: an image that nothing refers to any more would be kept with the rest.
Anything else is built anew from pages, fonts and the operators of text; what is not known to be
text does not get into the new file.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ContentStream,
    DecodedStreamObject,
    DictionaryObject,
    EncodedStreamObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
)

from tiplines.parsing.detecting import ISO_MEDIA_BOX, MEDIA_MAGIC, PDF_MAGIC, ZIP_MAGIC
from tiplines.parsing.limits import (
    PDF_PAGES_AT_MOST,
    PDF_STREAM_BYTES_AT_MOST,
    PDF_UNPACKED_BYTES_AT_MOST,
    UnreadableReport,
)
from tiplines.parsing.pdf_text import check_end, open_document

# Names that stand for something that is no text, or that packs it in a way we do not look into.
NO_TEXT = re.compile(
    rb"/(?:Image|Thumb|EmbeddedFiles?|FileAttachment|EF|AF|JavaScript|JS|RichMedia|Movie|Sound"
    rb"|Screen|Rendition|3D|3DD|U3D|PRC|XFA|Launch|ImportData|Crypt|Predictor"
    rb"|DCTDecode|DCT|JPXDecode|JBIG2Decode|CCITTFaxDecode|CCF|LZWDecode|LZW|RunLengthDecode|RL"
    rb"|ASCIIHexDecode|AHx|ASCII85Decode|A85)(?=[\s/<>\[\]()]|$)"
)
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")  # /Im#61ge is /Image
STREAM = re.compile(rb"stream(?:\r\n|\n|\r)")
END_OF_STREAM = b"endstream"
INLINE_IMAGE = re.compile(rb"(?:^|[\s>\])])BI[\s/][\x20-\x7e\s]{0,2000}?\sID\s")
MAY_BE_INLINE_IMAGE = re.compile(rb"(?:^|[\s>\])])BI[\s/]")
MEDIA_INSIDE = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff[\xc0-\xfe].{2}(?:JFIF|Exif|Adobe|ICC_P)|GIF8[79]a"
    rb"|\x00\x00\x00\x0cjP  |\x97JB2|ftyp(?:iso|mp4|M4V|qt|hei|avi)|xmpGImg|xmp:Thumbnails",
    re.DOTALL,
)
BINARY_SHARE = 0.3  # of bytes outside streams: more is no PDF syntax
BINARY_FROM_BYTES = 2048
FORM_DEPTH_AT_MOST = 8
FONT_DEPTH_AT_MOST = 8
FONT_OBJECTS_AT_MOST = 100_000
TEXT_OPERATORS = frozenset(
    b"BT ET Tc Tw Tz TL Tf Tr Ts Td TD Tm T* Tj TJ ' \" q Q cm Do BMC BDC EMC".split()
)
FONT_NAMES = (
    "Type Subtype BaseFont Encoding FirstChar LastChar Widths FontDescriptor ToUnicode Name"
    " DescendantFonts CIDSystemInfo CIDToGIDMap W DW W2 DW2 FontName Flags FontBBox FontMatrix"
    " ItalicAngle Ascent Descent CapHeight StemV StemH XHeight MissingWidth AvgWidth MaxWidth"
    " Leading Differences BaseEncoding FontFile FontFile2 FontFile3 Registry Ordering"
    " Supplement CMapName WMode UseCMap Length1 Length2 Length3 FontFamily FontStretch"
    " FontWeight"
)
FONT_KEYS = frozenset(f"/{name}" for name in FONT_NAMES.split())
DAMAGED = "the PDF is damaged, and what it holds beside text cannot be taken out"


def text_only(data: bytes) -> bytes:
    """Return a PDF that holds only text, or nothing if `data` is one already.

    Raises UnreadableReport if it needs a password, or if what it holds cannot be told.
    """
    try:
        document = open_document(data)
    except UnreadableReport:
        # A damaged file of nothing but text is kept: its reader says what is wrong with it.
        if b"/Encrypt" in data or holds_more_than_text(data):
            raise
        return b""
    try:
        if raw.FPDF_GetSecurityHandlerRevision(document.raw) < 0:
            return rebuilt(data) if holds_more_than_text(data) else b""
        return _decrypted(document, data)
    finally:
        document.close()


def unlocked(data: bytes, password: str) -> bytes:
    """Return a PDF of text only that needs no password. Raises UnreadableReport for a wrong one."""
    document = open_document(data, password)
    try:
        return _decrypted(document, data)
    finally:
        document.close()


def _decrypted(document: pdfium.PdfDocument, data: bytes) -> bytes:
    check_end(data)
    out = io.BytesIO()
    document.save(out, flags=raw.FPDF_REMOVE_SECURITY)
    plain = out.getvalue()
    return rebuilt(plain) if holds_more_than_text(plain) else plain


# --- looking ------------------------------------------------------------------------------------


def holds_more_than_text(data: bytes) -> bool:
    """Whether any byte of the file may belong to something that is no text."""
    at, unpacked = 0, 0
    while True:
        opening = STREAM.search(data, at)
        syntax = data[at : opening.start() if opening else len(data)]
        if _is_suspicious_syntax(syntax):
            return True
        if opening is None:
            return False
        end = data.find(END_OF_STREAM, opening.end())
        body = data[opening.end() : end if end >= 0 else len(data)]
        head = syntax[syntax.rfind(b" obj") :]
        content = _unpacked(head, body)
        if content is None or _is_suspicious_stream(head, content):
            return True
        unpacked += len(content)
        if unpacked > PDF_UNPACKED_BYTES_AT_MOST:
            raise UnreadableReport("the PDF unpacks to more than any report does")
        if end < 0:
            return False
        at = end + len(END_OF_STREAM)


def _is_suspicious_syntax(syntax: bytes) -> bool:
    if NO_TEXT.search(_unescaped(syntax)) or MEDIA_INSIDE.search(syntax):
        # The table of objects is packed with a predictor as a rule; there are only numbers in it.
        names = NO_TEXT.findall(_unescaped(syntax))
        is_table = b"/XRef" in syntax and all(name == b"/Predictor" for name in names)
        return not is_table or MEDIA_INSIDE.search(syntax) is not None
    if len(syntax) < BINARY_FROM_BYTES:
        return False
    printed = sum(syntax.count(bytes([code])) for code in (9, 10, 13, *range(32, 127)))
    return len(syntax) - printed > BINARY_SHARE * len(syntax)


def _unescaped(syntax: bytes) -> bytes:
    if b"#" not in syntax:
        return syntax
    return ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), syntax)


def _unpacked(head: bytes, body: bytes) -> bytes | None:
    """Return what a stream holds; None if it is packed in a way we do not look into."""
    if b"/Filter" not in head and b"/F " not in head:
        return body
    if b"FlateDecode" not in head and b"/Fl" not in head:
        return None
    packer = zlib.decompressobj()
    try:
        content = packer.decompress(body, PDF_STREAM_BYTES_AT_MOST)
    except zlib.error:
        return None
    if packer.unconsumed_tail:
        raise UnreadableReport("a stream of the PDF unpacks to more than any report holds")
    return None if packer.unused_data.strip() else content


def _is_suspicious_stream(head: bytes, content: bytes) -> bool:
    if is_media(content):
        return True
    if b"/ObjStm" in head:
        return NO_TEXT.search(_unescaped(content)) is not None
    is_program = b"/Length1" in head or b"/Type1C" in head or b"CIDFontType0C" in head
    return not is_program and INLINE_IMAGE.search(content) is not None


def is_media(content: bytes) -> bool:
    """Whether bytes begin as, or hold, an image, a film, a sound or another file."""
    begins = content.startswith((*MEDIA_MAGIC, *ZIP_MAGIC, PDF_MAGIC))
    return begins or content[4:8] == ISO_MEDIA_BOX or MEDIA_INSIDE.search(content) is not None


# --- building anew ------------------------------------------------------------------------------


def rebuilt(data: bytes) -> bytes:
    """Return a new PDF of the same pages with their text and fonts and nothing else."""
    check_end(data)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        writer = PdfWriter()
        copier = Copier(writer)
        for number, page in enumerate(reader.pages, 1):
            if number > PDF_PAGES_AT_MOST:
                raise UnreadableReport(f"the PDF has more than {PDF_PAGES_AT_MOST} pages")
            box = page.mediabox
            fresh = writer.add_blank_page(box.width, box.height)
            fresh[NameObject("/MediaBox")] = ArrayObject(box)
            if page.rotation:
                fresh[NameObject("/Rotate")] = NumberObject(page.rotation)
            resources = page.get("/Resources")
            fresh[NameObject("/Resources")] = copier.resources(resources, depth=0)
            contents = page.get_contents()
            if contents is not None:
                fresh[NameObject("/Contents")] = copier.kept(text_operators(contents))
        kept = io.BytesIO()
        writer.write(kept)
    except (UnreadableReport, MemoryError):
        raise
    except Exception as error:  # whatever the library stumbles over, the document is at fault
        raise UnreadableReport(DAMAGED) from error
    return kept.getvalue()


def text_operators(content: ContentStream) -> DecodedStreamObject:
    """Return a page's description, without images that are written into it."""
    data = content.get_data()
    if MAY_BE_INLINE_IMAGE.search(data) or is_media(data):
        parsed = ContentStream(content, None)
        parsed.operations = [
            (operands, operator)
            for operands, operator in parsed.operations
            if operator in TEXT_OPERATORS
        ]
        data = parsed.get_data()
    text = DecodedStreamObject()
    text.set_data(data)
    return text


class Copier:
    """Copies fonts and forms into a new document, each once, by the names that are known."""

    def __init__(self, writer: PdfWriter) -> None:
        self.writer = writer
        self._copies: dict[tuple[str, int], PdfObject] = {}
        self._objects_left = FONT_OBJECTS_AT_MOST

    def kept(self, stream: DecodedStreamObject) -> PdfObject:
        packed: EncodedStreamObject = stream.flate_encode()
        return self.writer._add_object(packed)

    def resources(self, node: PdfObject | None, *, depth: int) -> DictionaryObject:
        """Return the resources of a page or form: fonts, and forms inside it."""
        found = DictionaryObject()
        whole = _dictionary(node)
        fonts, forms = DictionaryObject(), DictionaryObject()
        for name, font in _dictionary(whole.get("/Font")).items():
            fonts[NameObject(name)] = self._once("font", font, depth)
        for name, form in _dictionary(whole.get("/XObject")).items():
            target = form.get_object()
            is_form = isinstance(target, StreamObject) and target.get("/Subtype") == "/Form"
            if is_form and depth < FORM_DEPTH_AT_MOST:
                forms[NameObject(name)] = self._once("form", form, depth)
        if fonts:
            found[NameObject("/Font")] = fonts
        if forms:
            found[NameObject("/XObject")] = forms
        return found

    def _once(self, kind: str, node: PdfObject, depth: int) -> PdfObject:
        reference = getattr(node, "idnum", None)
        key = (kind, reference if reference is not None else -id(node))
        if key not in self._copies:
            self._copies[key] = DictionaryObject()  # a form that draws itself draws nothing
            if kind == "font":
                copy = self._font(node, depth=0)
                self._copies[key] = self.writer._add_object(copy)
            else:
                self._copies[key] = self._form(node.get_object(), depth)
        return self._copies[key]

    def _form(self, form: PdfObject | None, depth: int) -> PdfObject:
        assert isinstance(form, StreamObject)  # noqa: S101 - the caller has looked
        copy = text_operators(ContentStream(form, None))
        copy.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
            }
        )
        for name in ("/BBox", "/Matrix"):
            if name in form:
                copy[NameObject(name)] = _numbers(form[name])
        inner = self.resources(form.get("/Resources"), depth=depth + 1)
        copy[NameObject("/Resources")] = inner
        return self.kept(copy)

    def _font(self, node: PdfObject, *, depth: int) -> PdfObject:
        """Return a copy of a font or a part of one, by the keys that fonts are known to have."""
        self._objects_left -= 1
        if depth > FONT_DEPTH_AT_MOST or self._objects_left < 0:
            raise UnreadableReport("the fonts of the PDF are nested deeper than any font is")
        found = node.get_object()
        if isinstance(found, StreamObject):
            return self._program(found)
        if isinstance(found, DictionaryObject):
            copy = DictionaryObject()
            for name, value in found.items():
                if name in FONT_KEYS:
                    copy[NameObject(name)] = self._font(value, depth=depth + 1)
            return copy
        if isinstance(found, ArrayObject):
            return ArrayObject(self._font(value, depth=depth + 1) for value in found)
        return found if found is not None else DictionaryObject()

    def _program(self, stream: StreamObject) -> PdfObject:
        data = stream.get_data()
        copy = DecodedStreamObject()
        copy.set_data(b"" if is_media(data) else data)
        for name, value in stream.items():
            is_plain = isinstance(value.get_object(), (NameObject, int))
            if name in FONT_KEYS and is_plain:
                copy[NameObject(name)] = value.get_object()
        return self.kept(copy)


def _dictionary(node: PdfObject | None) -> DictionaryObject:
    found = node.get_object() if node is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _numbers(node: PdfObject) -> ArrayObject:
    found = node.get_object()
    values = [one.get_object() for one in found] if isinstance(found, ArrayObject) else []
    return ArrayObject(one for one in values if isinstance(one, int | float))


def streams(data: bytes) -> Iterator[bytes]:
    """Yield what each stream of a PDF holds, packed or not: for those who check the above."""
    for opening in STREAM.finditer(data):
        body = data[opening.end() : data.find(END_OF_STREAM, opening.end())]
        try:
            yield zlib.decompress(body)
        except zlib.error:
            yield body
