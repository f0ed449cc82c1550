"""A small writer of PDF 1.4 (ISO 32000-1 is its later, free description): pages of plain text."""

from collections.abc import Iterator, Sequence

PAGE = (595, 842)  # A4 in points
MARGIN = 50
TITLE_SIZE, TEXT_SIZE, LINE_HEIGHT = 14, 9, 12  # points
# Courier is 0.6 em wide, and 495 points lie between the margins.
TITLE_COLUMNS, COLUMNS = 58, 91
LINES = 58  # that fit between a title and the page number
FONTS = b"<< /Font << /Title 3 0 R /Text 4 0 R >> >>"


def write_pdf(title: str, lines: Sequence[str]) -> bytes:
    """A PDF document: on each page the title, lines in a fixed-width font, and the page number.

    The title is cut to one line (the document's properties have the whole of it), longer lines
    are wrapped. Characters outside Windows-1252, which is all that a PDF's built-in fonts have,
    are shown as "?". The same input gives the same bytes.
    """
    wrapped = [piece for line in lines for piece in _wrap(line)] or [""]
    pages = [wrapped[start : start + LINES] for start in range(0, len(wrapped), LINES)]
    kids = b" ".join(b"%d 0 R" % number for number in range(6, 6 + 2 * len(pages), 2))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, len(pages)),
        _font(b"Courier-Bold"),
        _font(b"Courier"),
        b"<< /Title <feff%b> >>" % title.encode("utf-16-be", "replace").hex().encode(),
    ]
    for index, page in enumerate(pages):
        content = b"\n".join(_drawing(title, page, f"{index + 1} / {len(pages)}"))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources %b /Contents %d 0 R >>"
            % (*PAGE, FONTS, len(objects) + 2)
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    return _assemble(objects)


def _wrap(line: str) -> Iterator[str]:
    for part in line.splitlines() or [""]:
        for start in range(0, len(part) or 1, COLUMNS):
            yield part[start : start + COLUMNS]


def _font(name: bytes) -> bytes:
    return b"<< /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding /WinAnsiEncoding >>" % name


def _drawing(title: str, lines: Sequence[str], page_number: str) -> Iterator[bytes]:
    top = PAGE[1] - MARGIN - TITLE_SIZE
    shown = _literal(title[:TITLE_COLUMNS])
    yield b"BT /Title %d Tf %d %d Td (%b) Tj ET" % (TITLE_SIZE, MARGIN, top, shown)
    yield b"BT /Text %d Tf %d TL %d %d Td" % (TEXT_SIZE, LINE_HEIGHT, MARGIN, top - LINE_HEIGHT)
    for line in lines:
        yield b"(%b) '" % _literal(line)  # ' goes to the next line, then shows
    yield b"ET"
    yield b"BT /Text %d Tf %d %d Td (%b) Tj ET" % (
        TEXT_SIZE,
        MARGIN,
        MARGIN // 2,
        _literal(page_number),
    )


def _literal(text: str) -> bytes:
    printable = "".join(character if character >= " " else " " for character in text)
    encoded = printable.encode("cp1252", "replace")
    return encoded.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def _assemble(objects: Sequence[bytes]) -> bytes:
    """Number the objects from 1 and add header, cross-reference table and trailer (7.5)."""
    # The second line's bytes above 127 tell programs that copy files that this is not text.
    document = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    begin = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    document += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    document += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\n" % (len(objects) + 1)
    document += b"startxref\n%d\n%%%%EOF\n" % begin
    return bytes(document)
