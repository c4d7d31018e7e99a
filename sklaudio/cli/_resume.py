"""A file of predictions that grows line by line, and goes on after its last whole line when the command was killed."""

import contextlib
import csv
import io
import json

from ._streams import NAMES

JSON_LINE = b'{"path": "'  # what each line of JSON begins with


@contextlib.contextmanager
def resumed(path, header, is_of_model):
    """Open a file of predictions to add more of them; a last line that is not whole is cut off.

    Parameters
    ----------
    path : str
        The file, which need not be there yet.
    header : str
        First line of a file of CSV; "" for lines of JSON.
    is_of_model : callable
        Tells whether the object of a line of JSON, one without an error, is a prediction of the same model.

    Yields
    ------
    callable
        Writes a line at once; the header is there.
    done : dict of str to bool
        Names of the predictions that are there, and whether each is an error.

    Raises
    ------
    ValueError
        If the file holds something else, which is left as it is.
    BlockingIOError
        If another process is writing to it.
    """
    with open(path, "ab") as file:
        _lock(file, path)
        with open(path, "rb") as written:
            done, n_bytes = _whole_lines(written, path, header.encode("utf-8", NAMES), is_of_model)
        file.truncate(n_bytes)

        def write(text):
            file.write(text.encode("utf-8", NAMES))
            file.flush()

        if n_bytes == 0:
            write(header)
        yield write, done


def _lock(file, path):
    try:
        import fcntl
    except ImportError:  # Windows has none
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BlockingIOError(f"{path}: another sklaudio predict is writing to it. Wait for it, or end it.") from None


def _whole_lines(written, path, header, is_of_model):
    """Return names in the whole lines of a file, and the number of bytes that these lines have."""
    done, n_bytes, line, n_columns = {}, 0, b"", len(_cells(header))
    for piece in written:
        line += piece
        if not line.endswith(b"\n") or (header and line.count(b'"') % 2):  # a line end in quotes is one of a name
            continue
        if header and n_bytes == 0:
            is_ours = line == header
        else:
            name, is_error = _of_csv(line, n_columns) if header else _of_json(line, is_of_model)
            is_ours = name is not None
            done[name] = is_error
        if not is_ours:
            raise _other_content(path)
        n_bytes, line = n_bytes + len(line), b""
    begin = header or JSON_LINE
    if n_bytes == 0 and not begin.startswith(line[: len(begin)]):
        raise _other_content(path)
    return done, n_bytes


def _cells(line):
    text = io.StringIO(line.decode("utf-8", "surrogateescape"), newline="")
    return next(csv.reader(text, strict=True), [])


def _of_csv(line, n_columns):
    """Return the name of the file, and whether there is no prediction; None of what is no line of ours."""
    try:
        cells = _cells(line)
    except csv.Error:
        return None, None
    return (cells[0], not any(cells[1:])) if len(cells) == n_columns else (None, None)


def _of_json(line, is_of_model):
    try:
        row = json.loads(line)
        is_ours = "error" in row or is_of_model(row)
        return (row["path"] if is_ours else None), "error" in row
    except (ValueError, TypeError, AttributeError, KeyError):
        return None, None


def _other_content(path):
    return ValueError(
        f"{path} holds something else than predictions of this model in this form. Give --out another name, or "
        "remove the file."
    )
