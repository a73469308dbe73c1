"""The table of labels as text: whatever is written is read again, and a bad row costs only itself."""

from contextlib import suppress

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tlstudio.datasets.label_table import SEPARATORS, LabelRow, decode, find_columns, guarded, read_rows, unguarded, write_rows


def read(text: str) -> list[tuple[int, LabelRow | None]]:
    columns = find_columns(text)
    assert columns is not None
    return list(read_rows(text, columns))


def line_of(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.text(alphabet, max_size=12)


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n") | st.sampled_from("\"'=+-@,; \t|ä\ufeff\u2028\x00\x85")
WESTERN = st.sampled_from([bytes([code]).decode("cp1252") for code in [*range(32, 127), *range(0xA0, 0x100), 0x80, 0x8A, 0x9F]])


def rows_of(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[list[LabelRow]]:
    cell = line_of(alphabet)
    path = cell.filter(str.strip)
    note = st.text(alphabet | st.sampled_from("\r\n"), max_size=12)
    return st.lists(st.builds(LabelRow, path=path, label=cell, split=cell, group=cell, note=note), max_size=6)


@given(rows=rows_of(LETTERS), separator=st.sampled_from(SEPARATORS), bom=st.booleans())
@settings(max_examples=150, deadline=None)
@example(rows=[LabelRow(path='a "b", c;d\te.png', label="=1+1", group="'-5", note='two\r\n"lines"')], separator=",", bom=True)
@example(rows=[LabelRow(path="sep=.png"), LabelRow(path='"', label='""', note="\n\n")], separator=";", bom=False)
def test_what_is_written_is_read_again(rows: list[LabelRow], separator: str, bom: bool) -> None:
    text = write_rows(rows, separator=separator)
    data = text.encode("utf-8-sig" if bom else "utf-8")
    assert read(decode(data)) == list(enumerate(rows, 2))


@given(rows=rows_of(WESTERN), separator=st.sampled_from(SEPARATORS))
@settings(max_examples=100, deadline=None)
def test_a_table_of_an_older_spreadsheet_is_read_too(rows: list[LabelRow], separator: str) -> None:
    data = write_rows(rows, separator=separator).encode("cp1252")
    with suppress(UnicodeDecodeError):
        assume(data.decode("utf-8").isascii())  # the very few texts that are valid in both are read as UTF-8
    assert read(decode(data)) == list(enumerate(rows, 2))


@given(text=st.text(LETTERS | st.sampled_from('\r\n",;'), max_size=80))
@settings(max_examples=150, deadline=None)
def test_nothing_below_the_headings_ends_the_reading(text: str) -> None:
    table = "path,label\n" + text.replace("\r", "\n") + "\nlast.png,bee\n"
    assert read(table)[-1][1] == LabelRow(path="last.png", label="bee")


@given(data=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_some_text(data: bytes) -> None:
    assert isinstance(decode(data), str)
    find_columns(decode(data))


@given(text=line_of(LETTERS))
def test_the_mark_against_formulas_comes_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    "head",
    [
        "path,label",
        "Image;CLASS",
        "FileName\tCategory",
        "number, File , label",
        '"file","class"',
        "sep=;\nfile;class",
        "\n\nfile,label",
    ],
)
def test_headings_by_name_and_any_separator(head: str) -> None:
    columns = find_columns(head + "\n")
    assert columns is not None
    cells = [""] * columns.num
    cells[columns.cells["path"]], cells[columns.cells["label"]] = "a.png", "bee"
    (found,) = read(f"{head}\n{columns.separator.join(cells)}\n")
    assert found == (head.count("\n") + 2, LabelRow(path="a.png", label="bee"))


@pytest.mark.parametrize(
    "text", ["", "\n\n", "file,bytes,sha256\na.png,3,ff\n", "model,label\nx,y\n", "a.png,bee\n", "path label\na.png bee\n"]
)
def test_tables_of_something_else_are_not_labels(text: str) -> None:
    assert find_columns(text) is None


def test_a_malformed_row_costs_only_itself() -> None:
    text = 'path,label,split\na.png,bee,train\nb.png,"bee\nc.png,bee,train,more\nd.png\n\n"e.png",ant,\nf.png,"an"t\n,ant\ng.png,ant,,,\n'
    rows = {number: row and (row.path, row.label) for number, row in read(text)}
    assert rows == {2: ("a.png", "bee"), 3: None, 4: None, 5: None, 7: ("e.png", "ant"), 8: None, 9: None, 10: ("g.png", "ant")}


def test_two_open_quotes_do_not_make_one_label_of_two_rows() -> None:
    assert [row and row.path for _, row in read('path,label\na.png,"bee\nb.png,ant"\nc.png,ant\n')] == [None, "b.png", "c.png"]


def test_rows_of_several_lines_count_as_one_as_in_a_spreadsheet() -> None:
    text = 'path,label,note\na.png,bee,"two\nlines"\nb.png,"bee",\nc.png\n'
    assert [(number, row is not None) for number, row in read(text)] == [(2, True), (3, True), (4, False)]


def test_utf_16_of_a_spreadsheet() -> None:
    assert read(decode("file\tclass\r\nä.png\tKäfer\r\n".encode("utf-16"))) == [(2, LabelRow(path="ä.png", label="Käfer"))]
