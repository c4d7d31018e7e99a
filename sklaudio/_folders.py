"""A folder with a folder per class: what is in it, and what of that counts."""

from pathlib import Path

EXTENSIONS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".au", ".aif", ".aiff")


def existing_folder(path):
    """The path as a Path, or an error if it is no folder."""
    root = Path(path)
    if not root.exists():
        raise FileNotFoundError(f"{root}: there is no such folder. Check the path.")
    if not root.is_dir():
        raise NotADirectoryError(f"{root}: this is a file. Give the folder that has a folder per class.")
    return root


def class_folders(root):
    """The folders in a folder, by name."""
    return sorted(entry for entry in root.iterdir() if entry.is_dir() and is_visible(entry, root))


def is_visible(file, root):
    """Whether neither the file nor a folder on the way to it is hidden, such as .ipynb_checkpoints."""
    return not any(part.startswith(".") for part in file.relative_to(root).parts)


def visible_files(folder, root):
    """All in the folder and below it that is no folder and not hidden in `root`, by name; broken links among them."""
    return sorted(file for file in folder.rglob("*") if not file.is_dir() and is_visible(file, root))


def normal_extensions(extensions):
    """Set of extensions, in lower case, with their dot; of one or several."""
    extensions = [extensions] if isinstance(extensions, str) else extensions
    return {f".{extension.lower().lstrip('.')}" for extension in extensions}
