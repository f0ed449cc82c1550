"""The PDF writer, judged by the structure that the standard asks for and, if here, by poppler."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from handlers.pdf import COLUMNS, LINES, write_pdf


def offsets_of(document: bytes) -> list[int]:
    """Offsets from the cross-reference table: 20 bytes an entry, the first one the free list's."""
    begin = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n\Z", document)[0])
    head = re.compile(rb"xref\n0 (\d+)\n").match(document, begin)
    assert head is not None
    table = document[head.end() : head.end() + 20 * int(head[1])]
    assert table[:20] == b"0000000000 65535 f \n"
    return [int(table[start : start + 10]) for start in range(20, len(table), 20)]


def shown_texts(document: bytes) -> list[bytes]:
    return re.findall(rb"\(((?:\\.|[^\\()])*)\) (?:'|Tj)", document)


def test_every_entry_of_the_cross_reference_table_points_at_its_object() -> None:
    document = write_pdf("Report", [f"line {number}" for number in range(200)])

    offsets = offsets_of(document)
    assert document.startswith(b"%PDF-1.4\n")
    assert len(offsets) == 5 + 2 * 4
    for number, offset in enumerate(offsets, start=1):
        assert document.startswith(b"%d 0 obj\n" % number, offset)
    assert b"/Size %d " % (len(offsets) + 1) in document


def test_every_stream_is_as_long_as_it_says() -> None:
    document = write_pdf("Report", ["(a) \\ b"] * 100)

    streams = re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", document, re.DOTALL)
    assert [int(length) for length, _ in streams] == [len(stream) for _, stream in streams]
    assert len(streams) == 2


@pytest.mark.parametrize(("lines", "pages"), [(0, 1), (1, 1), (LINES, 1), (LINES + 1, 2)])
def test_lines_fill_as_many_pages_as_they_need(lines: int, pages: int) -> None:
    document = write_pdf("Report", ["x"] * lines)

    assert b"/Count %d >>" % pages in document
    assert document.count(b"/Type /Page ") == pages


def test_delimiters_are_escaped_and_what_has_no_glyph_is_a_question_mark() -> None:
    document = write_pdf("Title", [r"a\b(c)", "tab\there", "Grüße €5", "日本"])

    assert shown_texts(document) == [
        b"Title",
        rb"a\\b\(c\)",
        b"tab here",
        "Grüße €5".encode("cp1252"),
        b"??",
        b"1 / 1",
    ]


def test_long_lines_are_wrapped_and_none_of_their_characters_is_lost() -> None:
    document = write_pdf("Title", ["x" * (2 * COLUMNS + 1), "", "two\nlines"])

    texts = [len(text) for text in shown_texts(document)[1:-1]]
    assert texts == [COLUMNS, COLUMNS, 1, 0, 3, 5]


def test_the_properties_hold_the_whole_title_in_unicode() -> None:
    title = "日本 " * 40

    document = write_pdf(title, [])

    told = re.findall(rb"/Title <feff([0-9a-f]+)>", document)[0]
    assert bytes.fromhex(told.decode()).decode("utf-16-be") == title


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
def test_another_program_reads_the_same_text(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    lines = [f"line {number} (of) many \\ Grüße" for number in range(LINES + 5)]
    path.write_bytes(write_pdf("A title", lines))

    read = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    )

    assert read.stderr == ""
    shown = [line.strip() for line in read.stdout.replace("\f", "\n").splitlines() if line.strip()]
    assert shown == [
        "A title",
        *lines[:LINES],
        "1 / 2",
        "A title",
        *lines[LINES:],
        "2 / 2",
    ]
