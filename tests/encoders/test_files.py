"""Files of encoders: downloaded from a server on loopback, or taken from a folder or an archive."""

import hashlib
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sklaudio import encoders
from sklaudio._utils.data_home import get_data_home
from sklaudio.cli._disk_usage import downloads
from sklaudio.encoders._files import WeightFile, check_hashes, fetch_files

CONTENT = {"one.bin": b"weights" * 100, "two.bin": b"an index"}


def files(address=None):
    return [
        WeightFile(name, len(data), hashlib.sha256(data).hexdigest(), () if address is None else (f"{address}/{name}",))
        for name, data in CONTENT.items()
    ]


@pytest.fixture
def served(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    for name, data in CONTENT.items():
        (folder / name).write_bytes(data)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.bin")}


def test_files_are_downloaded(served, tmp_path):
    folder = fetch_files("net", files(served[0]), data_home=tmp_path / "home")
    assert contents(folder) == CONTENT
    assert folder == tmp_path / "home" / "encoders" / "net"
    assert [download.path for download in downloads(tmp_path / "home")] == [folder]


def test_a_damaged_download_leaves_nothing(served, tmp_path):
    (served[1] / "two.bin").write_bytes(b"An index")
    with pytest.raises(OSError, match=r"two\.bin could not be downloaded.*sha256.*into .*encoders/net by hand"):
        fetch_files("net", files(served[0]), data_home=tmp_path / "home")
    assert contents(tmp_path / "home" / "encoders" / "net") == {}


def test_what_is_there_is_not_downloaded_again(served, tmp_path):
    fetch_files("net", files(served[0]), data_home=tmp_path)
    for path in served[1].iterdir():
        path.unlink()
    assert contents(fetch_files("net", files(served[0]), data_home=tmp_path)) == CONTENT


@pytest.mark.parametrize("kind", ["folder", "wheel"])
def test_files_are_taken_from_a_source_whatever_they_are_called(tmp_path, kind):
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "a").write_bytes(CONTENT["one.bin"])
    (source / "b").write_bytes(CONTENT["two.bin"])
    (source / "c").write_bytes(b"AN INDEX")
    if kind == "wheel":
        with zipfile.ZipFile(tmp_path / "net.whl", "w") as archive:
            for path in source.rglob("*"):
                archive.write(path, path.relative_to(source))
        source = tmp_path / "net.whl"
    assert contents(fetch_files("net", files(), source=source)) == CONTENT
    assert (get_data_home() / "encoders" / "net").is_dir()


def test_a_source_without_them_is_named(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "one.bin").write_bytes(CONTENT["one.bin"])
    with pytest.raises(FileNotFoundError, match=r"source='.*source' does not hold.*two\.bin \(8 bytes"):
        fetch_files("net", files(), source=tmp_path / "source")
    with pytest.raises(FileNotFoundError, match="is not there"):
        fetch_files("net", files(), source=tmp_path / "absent")
    with pytest.raises(ValueError, match="neither a folder nor a wheel"):
        fetch_files("net", files(), source=tmp_path / "source" / "one.bin")


def test_a_changed_file_is_not_used(tmp_path):
    for name, data in CONTENT.items():
        (tmp_path / name).write_bytes(data[:-1] + b"?")
    with pytest.raises(ValueError, match=r"one\.bin is damaged"):
        check_hashes(tmp_path, files())


def test_cards_are_whole():
    for name in encoders.names():
        card = encoders.card(name)
        known = {"name", "description", "task", "data", "licence", "citation", "sampling_rate", "dims", "bytes"}
        assert known <= set(card), name
        assert card["installed"] or card["how_to_get"]
    with pytest.raises(ValueError, match="'sound' is not the name of an encoder"):
        encoders.card("sound")
    with pytest.raises(ValueError, match="comes with sklaudio"):
        encoders.fetch("words")
