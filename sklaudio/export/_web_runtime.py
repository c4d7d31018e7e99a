"""ONNX Runtime Web, which pages run models with: from a copy that is there, or downloaded; known by its hash."""

import tempfile
from pathlib import Path

from .._utils.data_home import get_data_home
from ..encoders._files import WeightFile, put_files, take_from

VERSION = "1.30.0"
LICENCE = "MIT"  # its text is in the page
SOURCE = "https://github.com/microsoft/onnxruntime"
MIRRORS = (
    f"https://cdn.jsdelivr.net/npm/onnxruntime-web@{VERSION}/dist",
    f"https://unpkg.com/onnxruntime-web@{VERSION}/dist",
)
FILES = (  # the smallest build: WebAssembly alone, without WebGPU and WebGL
    ("ort.wasm.min.js", 50_196, "faece07e84faa9001f5104bbe4e5c70861d06cb2376a0dea1fa0ad33a67adc81"),
    ("ort-wasm-simd-threaded.mjs", 24_381, "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b"),
    ("ort-wasm-simd-threaded.wasm", 14_239_897, "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"),
)
BY_HAND = (
    f"Where there is a network, `npm pack onnxruntime-web@{VERSION}` gets an archive that runtime= (--runtime) takes, "
    "as it takes a folder with its files"
)


def web_runtime(runtime=None, *, data_home=None, files=FILES, mirrors=MIRRORS):
    """Read the files of ONNX Runtime Web.

    Parameters
    ----------
    runtime : path-like or None, default=None
        A folder or archive that holds them, at any depth and by any name. None takes those of `data_home`, and
        downloads them to there where there are none.
    data_home : path-like or None, default=None
        Folder of data sets and encoders.
    files : sequence of (str, int, str)
        Name, size in bytes and SHA-256 of each.
    mirrors : sequence of str
        Addresses of folders that have them, in the order in which they are asked.

    Returns
    -------
    list of bytes
        Their contents, in the order of `files`.

    Raises
    ------
    FileNotFoundError
        If `runtime` is not there or does not hold them.
    OSError
        If they cannot be downloaded.
    ValueError
        If `runtime` is neither a folder nor an archive, or a file of `data_home` is damaged.
    """
    wanted = [WeightFile(*file, tuple(f"{mirror}/{file[0]}" for mirror in mirrors)) for file in files]
    if runtime is None:
        folder = get_data_home(data_home) / f"onnxruntime-web-{VERSION}"
        try:
            return _read(put_files(folder, wanted), wanted)
        except OSError as error:
            raise OSError(f"{error} {BY_HAND}.") from error
    with tempfile.TemporaryDirectory() as folder:
        try:
            take_from(Path(runtime), wanted, Path(folder), name="runtime")
        except (FileNotFoundError, ValueError) as error:
            raise type(error)(f"{error} {BY_HAND}.") from error
        return _read(Path(folder), wanted)


def _read(folder, wanted):
    return [(folder / file.name).read_bytes() for file in wanted]
