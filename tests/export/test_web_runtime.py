"""ONNX Runtime Web: downloaded from a server on loopback, or taken from a folder or an archive; its hash is checked."""

import hashlib
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sklaudio._utils.data_home import get_data_home
from sklaudio.cli._disk_usage import downloads
from sklaudio.export._web_runtime import FILES, MIRRORS, VERSION, web_runtime

from ..datasets.conftest import write_tar

CONTENTS = {"ort.js": b"var ort = 1;" * 50, "ort.wasm": b"\0asm" * 300}
WANTED = [(name, len(content), hashlib.sha256(content).hexdigest()) for name, content in CONTENTS.items()]


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        self.server.requested.append(self.path)


@pytest.fixture
def server(tmp_path):
    """Address of a server, the folder it serves, and what was requested."""
    folder = tmp_path / "served" / "dist"
    folder.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder.parent)))
    httpd.requested = []
    threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}", folder, httpd.requested
    httpd.shutdown()
    httpd.server_close()


def test_it_is_downloaded_once(server, tmp_path):
    address, _, requested = server
    first = web_runtime(files=WANTED, mirrors=[f"{address}/gone", f"{address}/dist"])
    assert first == list(CONTENTS.values())
    assert "/gone/ort.js" in requested
    requested.clear()
    assert web_runtime(files=WANTED, mirrors=[f"{address}/dist"]) == first
    assert requested == []
    [kept] = downloads(get_data_home())
    assert (kept.path.name, kept.n_bytes > 1000) == (f"onnxruntime-web-{VERSION}", True)


def test_another_file_of_that_name_is_not_taken(server):
    address, folder, _ = server
    (folder / "ort.wasm").write_bytes(b"\0asn" * 300)
    with pytest.raises(
        OSError, match=r"ort\.wasm could not be downloaded.*sha256.*npm pack onnxruntime-web@.*--runtime"
    ):
        web_runtime(files=WANTED, mirrors=[f"{address}/dist"])
    assert not list(get_data_home().rglob("ort*"))


def test_a_damaged_file_of_the_data_home_is_named(server):
    web_runtime(files=WANTED, mirrors=[f"{server[0]}/dist"])
    [path] = get_data_home().rglob("ort.js")
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))
    with pytest.raises(ValueError, match=r"ort\.js is damaged, or another file"):
        web_runtime(files=WANTED)


@pytest.mark.parametrize("kind", ["folder", "tgz", "zip"])
def test_it_is_taken_from_a_copy(kind, tmp_path):
    named = {f"package/dist/{name}": content for name, content in CONTENTS.items()}
    if kind == "tgz":
        source = write_tar(tmp_path / "runtime.tgz", named)
    elif kind == "zip":
        source = tmp_path / "runtime.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for name, content in named.items():
                archive.writestr(name, content)
    else:
        source = tmp_path / "runtime"
        (source / "package" / "dist").mkdir(parents=True)
        for name, content in named.items():
            (source / name).write_bytes(content)
    assert web_runtime(source, files=WANTED) == list(CONTENTS.values())
    assert not get_data_home().exists()  # nothing is kept of it


def test_a_copy_of_another_version_is_refused(tmp_path):
    source = write_tar(tmp_path / "runtime.tgz", {"ort.js": CONTENTS["ort.js"], "ort.wasm": b"\0asn" * 300})
    with pytest.raises(FileNotFoundError, match=r"runtime=.*does not hold, whole and unchanged: ort\.wasm .*npm pack"):
        web_runtime(source, files=WANTED)
    source.write_bytes(source.read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"runtime=.* is damaged"):
        web_runtime(source, files=WANTED)
    with pytest.raises(FileNotFoundError, match=r"runtime=.* is not there"):
        web_runtime(tmp_path / "nowhere", files=WANTED)
    (tmp_path / "text").write_text("ort")
    with pytest.raises(ValueError, match=r"runtime=.* neither a folder nor"):
        web_runtime(tmp_path / "text", files=WANTED)


def test_what_is_pinned_is_of_one_version():
    assert {name.rpartition(".")[2] for name, _, _ in FILES} == {"js", "mjs", "wasm"}
    assert all(f"onnxruntime-web@{VERSION}/" in mirror and mirror.startswith("https://") for mirror in MIRRORS)
