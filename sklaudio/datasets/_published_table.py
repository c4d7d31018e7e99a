"""Shared by the fetchers of sets with a table: its columns checked, its files all there, its clips in one Bunch."""

from ._columns import from_pattern
from ._existing_files import existing_files
from ._read_table import read_table
from ._table import load_table


def read_published(table, columns, name):
    """Read the table that a set was published with.

    Parameters
    ----------
    table : Path
        Its file.
    columns : sequence of str
        Columns that it must have.
    name : str
        The set, for the message.

    Returns
    -------
    DataFrame
        All of it.

    Raises
    ------
    ValueError
        If it is damaged, or lacks a column.
    """
    frame, _ = read_table(table)
    check_columns(table, frame.columns, columns, name)
    return frame


def check_columns(table, there, wanted, name):
    """Raise a ValueError that names the table unless all columns are there."""
    missing = [column for column in wanted if column not in there]
    if missing:
        raise ValueError(
            f"{table}: this is not the table of {name}, it has no column {', '.join(map(repr, missing))}. "
            "Put the published one in its place."
        )


def list_published(frame, folder, path, **columns):
    """List the clips of a published table, as :func:`~sklaudio.datasets.load_table` does.

    Parameters
    ----------
    frame : DataFrame
        The rows to list.
    folder : Path
        Folder that the files begin in.
    path : str
        Pattern of columns that makes the files.
    **columns
        `target`, `groups` and `fold` of :func:`~sklaudio.datasets.load_table`.

    Returns
    -------
    Bunch
        That of :func:`~sklaudio.datasets.load_table`.

    Raises
    ------
    FileNotFoundError
        If any file is missing.
    """
    advice = f"Complete {folder} by hand, or move it away and let it be downloaded."
    existing_files(from_pattern(frame, path, "path"), str(folder), advice)
    return load_table(frame, path=path, root=folder, **columns)
