"""Files are written whole, or what was there stays."""

import pytest

from sklaudio._utils.atomic_write import atomic_write, writable_path


def test_a_file_takes_the_place_of_another(tmp_path):
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with atomic_write(tmp_path / "link", "x") as file:
        file.write(b"after")
        assert (tmp_path / "real").read_text() == "before"
    assert (tmp_path / "real").read_text() == "after"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there(tmp_path, error):
    (tmp_path / "it").write_text("before")

    def write_half():
        with atomic_write(tmp_path / "it", "x") as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        write_half()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("it", "before")]


def test_what_cannot_be_written_is_named(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"such as 'page\.html'"):
        writable_path(tmp_path, "page.html")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        writable_path(tmp_path / "none" / "it", "page.html")
    assert writable_path(tmp_path / "it", "page.html") == str(tmp_path / "it")
