"""A server on loopback with a small archive in the real layout."""

import hashlib
import io
import tarfile
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import soundfile


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder; files whose name starts with "cut" promise more than they send."""

    def log_message(self, *args):
        self.server.requested.append(self.path)

    def send_head(self):
        if not self.path.startswith("/cut"):
            return super().send_head()
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        return io.BytesIO(b"only the beginning")


@pytest.fixture
def server(tmp_path):
    """(address, folder it serves, list of the paths requested)."""
    folder = tmp_path / "server"
    folder.mkdir()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    httpd.requested = []
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}/", folder, httpd.requested
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def wav_bytes(seed, kind="WAV"):
    file = io.BytesIO()
    soundfile.write(file, 0.1 * np.random.default_rng(seed).normal(size=2205), 22050, format=kind)
    return file.getvalue()


def write_tar(path, members):
    """A tar.gz of {name: bytes}."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def write_zip(path, members):
    """A zip of {name: bytes}."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def md5(path):
    return "md5:" + hashlib.md5(path.read_bytes()).hexdigest()


def sha1(path):
    return "sha1:" + hashlib.sha1(path.read_bytes()).hexdigest()


def sha256(path):
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def put(folder, members):
    """Files of {name: bytes} below a folder."""
    for name, content in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
