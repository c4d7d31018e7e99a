"""Cells of what is printed and written."""

from sklaudio.cli._texts._cells import MAX_COLUMN_WIDTH, encodable, padded, path_width, table_of, width


def test_a_wide_letter_takes_two_columns_and_an_accent_none():
    assert [width("ab"), width("音"), width("e\u0301")] == [2, 2, 1]
    assert padded("音", 4) == "音  "


def test_the_widest_name_counts_up_to_a_limit():
    assert path_width(["a", "bcd"]) == 3
    assert path_width(["a", "b" * 200]) == MAX_COLUMN_WIDTH


def test_bytes_that_are_no_text_are_escaped():
    assert encodable("caf\udce9") == "caf\\udce9"


def test_what_is_not_there_is_missing_in_a_table():
    table = table_of([["a", 1, None], ["b", None, "why"]], ["path", "n"], ["n"])
    assert table.columns.tolist() == ["path", "n", "error"]
    assert table["n"].dtype == float
    assert table.isna().to_numpy().tolist() == [[False, False, True], [False, True, False]]
