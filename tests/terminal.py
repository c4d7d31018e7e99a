"""Terminals of 100 columns, as people have them: for a process of its own, or for this one."""

import contextlib
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import threading
import time
import tty


def _set_size(terminal):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))


def at_terminal(arguments, *, keys=None, once=None, seconds=90):
    """Run ``sklaudio arguments``, and press `keys` as soon as `once` was written: exit code and all that was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            _set_size(1)
            os.execv(sys.executable, [sys.executable, "-m", "sklaudio", *map(str, arguments)])
        finally:
            os._exit(127)
    seen, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other side was closed
            break
        if not piece:
            break
        seen += piece
        if keys is not None and once.encode() in seen:
            os.write(terminal, keys)
            keys = None
    else:
        os.kill(pid, 9)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), seen.decode(errors="replace")


@contextlib.contextmanager
def stderr_at_terminal(monkeypatch):
    """A list of what this process writes to stderr, which is a terminal in the block; whole after the block."""
    terminal, other_side = pty.openpty()
    tty.setraw(other_side)
    _set_size(other_side)
    seen = []

    def read():
        with contextlib.suppress(OSError):
            while piece := os.read(terminal, 65536):
                seen.append(piece.decode(errors="replace"))

    reader = threading.Thread(target=read)
    reader.start()
    with monkeypatch.context() as patch, open(other_side, "w") as stderr:
        patch.setattr(sys, "stderr", stderr)
        yield seen
    reader.join()
    os.close(terminal)
