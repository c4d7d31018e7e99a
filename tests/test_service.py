"""The service of the guide: one file, in the page and in its container."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .tones import write_tone

ROOT = Path(__file__).parents[1]
SERVICE = ROOT / "docs" / "service"


def instructions():
    """The lines of the Dockerfile, as (instruction, rest)."""
    text = re.sub(r"\\\n", " ", (SERVICE / "Dockerfile").read_text(encoding="utf-8"))
    return [line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_page_shows_the_file():
    code = (SERVICE / "service.py").read_text(encoding="utf-8").split('"""\n\n', 1)[1]
    assert code in (ROOT / "docs" / "guide" / "service.md").read_text(encoding="utf-8")


def test_what_the_container_copies_is_there_and_suffices_to_install():
    copied = [name for kind, rest in instructions() if kind == "COPY" for name in shlex.split(rest)[:-1]]
    assert all((ROOT / name).exists() for name in copied)
    needed = ["pyproject.toml", "sklaudio", "weights", "README.md", "LICENSE"]  # what pyproject.toml refers to
    assert set(needed) <= set(copied)


@pytest.mark.slow
def test_the_command_of_the_container_answers(tmp_path):
    pytest.importorskip("uvicorn", reason="uvicorn is not installed")
    pytest.importorskip("fastapi", reason="fastapi is not installed")
    [command] = [json.loads(rest) for kind, rest in instructions() if kind == "CMD"]
    settings = dict(item.split("=") for kind, rest in instructions() if kind == "ENV" for item in shlex.split(rest))
    assert settings["MODEL"] == "/srv/model.skops"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command[command.index("--host") + 1], command[command.index("--port") + 1] = "127.0.0.1", str(port)
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | settings | {"MODEL": str(ROOT / "weights" / "words.skops"), "PYTHONPATH": path}
    server = subprocess.Popen([sys.executable, "-m", *command], cwd=SERVICE, env=environment)
    try:
        answer = post(f"http://127.0.0.1:{port}/predict", write_tone(tmp_path / "a.wav", 440, 1.0))
    finally:
        server.terminate()
        server.wait()
    assert answer["label"] in answer["probabilities"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def post(url, file, seconds=120):
    """Upload a file as soon as the server is there."""
    import requests

    deadline = time.monotonic() + seconds
    while True:
        try:
            with open(file, "rb") as content:
                return requests.post(url, files={"file": content}, timeout=30).json()
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
