"""A folder with a folder per class: what is in it, and what of that counts."""

import os
import warnings
from collections import Counter
from pathlib import Path

from .._utils.terminal import abbreviated
from ._kinds import is_installed, kind_of

EXTENSIONS = tuple(".wav .wave .bwf .rf64 .w64 .flac .ogg .oga .opus .mp3 .au .snd .aif .aiff .aifc .caf".split())
OTHER_EXTENSIONS = tuple(  # for PyAV or ffmpeg
    ".m4a .m4b .aac .mp4 .m4v .mov .3gp .3g2 .amr .wma .wmv .asf .webm .mka .mkv .avi .flv .ts .mpg .ac3 .dts .ape .wv "
    ".tta .mpc .spx".split()
)


def decodable_extensions():
    """Return the extensions of what can be decoded by what is installed."""
    return EXTENSIONS + OTHER_EXTENSIONS if is_installed() else EXTENSIONS


def existing_folder(path):
    """Return the path as a Path; raise an error if it is no folder."""
    root = Path(path)
    if not os.path.exists(root):  # which is False for what cannot be a name
        raise FileNotFoundError(f"{abbreviated(str(root))}: there is no such folder. Check the path.")
    if not root.is_dir():
        raise NotADirectoryError(f"{root}: this is a file. Give the folder that has a folder per class.")
    return root


def class_folders(root):
    """List the folders in a folder, and links to folders outside of it, by name."""
    above = _with_parents(root)
    return sorted(
        entry
        for entry in root.iterdir()
        if entry.is_dir() and is_visible(entry, root) and os.path.realpath(entry) not in above
    )


def is_visible(file, root):
    """Return whether neither the file nor a folder on the way to it is hidden, such as .ipynb_checkpoints."""
    return not any(part.startswith(".") for part in file.relative_to(root).parts)


def visible_files(folder, root):
    """List by name all in the folder and below it that is no folder and not hidden in `root`, broken links too."""
    files = [Path(path, name) for path, names in visible_folders(folder, root) for name in names]
    return sorted(file for file in files if is_visible(file, root))


def visible_folders(folder, root):
    """List (path, names of files) of a folder and those below it that are not hidden.

    Links to folders are followed. Each folder is listed once, under its real path where that is below `folder`, however
    many links lead to it; those that lead to where `root` is are not followed, or it would go on in circles.
    """
    folders, links, listed = [], [str(folder)], _with_parents(root) - {os.path.realpath(folder)}
    while links:
        start = links.pop(0)
        if os.path.realpath(start) in listed:
            continue
        for path, names, others in os.walk(start):
            listed.add(os.path.realpath(path))
            names[:] = sorted(name for name in names if not name.startswith("."))
            links += [os.path.join(path, name) for name in names if os.path.islink(os.path.join(path, name))]
            names[:] = [name for name in names if os.path.realpath(os.path.join(path, name)) not in listed]
            folders.append((path, [name for name in others if not name.startswith(".")]))
    return folders


def normal_extensions(extensions):
    """Return the set of extensions, in lower case, with their dot; None stands for all that can be decoded."""
    if extensions is None:
        return set(decodable_extensions())
    extensions = [extensions] if isinstance(extensions, str) else extensions
    return {f".{extension.lower().lstrip('.')}" for extension in extensions}


def warn_of_left_out(root, files, *, stacklevel=3):
    """Warn once of files that hold sound, as their names or first bytes say, and were left out."""
    counts = Counter(os.path.splitext(file)[1].lower() or "no extension" for file in files if _is_sound(file))
    if not counts:
        return
    listed = ", ".join(f"{count} of {extension}" for extension, count in sorted(counts.items()))
    advice = (
        "" if is_installed() else "pip install 'sklaudio[formats]' or install ffmpeg to have more kinds decoded, or "
    )
    warnings.warn(
        f"{root}: left out files that seem to hold sound: {listed}. "
        f"{(advice + 'convert them to wav or flac, or give them its extension.').capitalize()}",
        stacklevel=stacklevel,
    )


def _is_sound(file):
    if os.path.splitext(file)[1].lower() in EXTENSIONS + OTHER_EXTENSIONS:
        return True
    try:
        if not os.path.isfile(file):
            return False
        with open(file, "rb") as opened:
            head = opened.read(12)
        is_known = head[:4] in (b"fLaC", b"OggS", b".snd", b"RF64", b"caff") or head[:3] == b"ID3"
        is_known |= (head[:4] == b"RIFF" and head[8:] == b"WAVE") or (head[:4] == b"FORM" and head[8:11] == b"AIF")
        return is_known or (head[:4] != b"RIFF" and kind_of(file) is not None)
    except OSError:
        return False


def _with_parents(root):
    """Return the real paths of a folder and of all folders that it is in."""
    path = Path(os.path.realpath(root))
    return {str(path), *map(str, path.parents)}
