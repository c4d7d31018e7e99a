"""The error that says which clip cannot be read, and why."""

import os

MAX_LISTED = 20  # clips that one message names


class UnreadableClipError(Exception):
    """Report that a clip cannot be read: there is no such file, it holds no sound, or samples that are no numbers.

    Each such error is also what a reader of files expects: FileNotFoundError, IsADirectoryError, PermissionError or
    another OSError where the system gives no file, and ValueError where what it gives is no clip. It may be sent from
    one process to another.

    Parameters
    ----------
    reason : str
        Why, and what to do, without the name of the clip.
    path : str or None, default=None
        The file; None for a waveform.
    index : int or None, default=None
        Row of `X`, where it is known.
    name : str or None, default=None
        What the message calls the clip, where that is neither the path nor the row.

    Attributes
    ----------
    path, index, reason
        As above. Those of an error about several clips are None, None and how many they are.
    errors : list of UnreadableClipError
        The error of each clip, where several cannot be read; else this one.

    Examples
    --------
    >>> import sklaudio
    >>> try:
    ...     sklaudio.MFCCTransformer().fit_transform(["lost.wav"])
    ... except sklaudio.UnreadableClipError as error:
    ...     print(error.index, error.path, isinstance(error, FileNotFoundError))
    0 lost.wav True
    """

    def __init__(self, reason, *, path=None, index=None, name=None):
        super().__init__(reason)
        self.reason, self.path, self.index = reason, path, index
        self._name, self._errors = name, []

    @property
    def errors(self):
        """The error of each clip."""
        return self._errors or [self]

    def __str__(self):
        """Name the clip and say why, or list the clips."""
        if self._errors:
            listed = [f"  {error}" for error in self._errors[:MAX_LISTED]]
            if len(self._errors) > MAX_LISTED:
                listed.append(f"  and {len(self._errors) - MAX_LISTED} more")
            advice = 'Take them out of the list, or pass on_error="warn" to go on without them.'
            return "\n".join([f"{self.reason}:", *listed, advice])
        name = self._name or self.path or (None if self.index is None else f"X[{self.index}]")
        return f"{name}: {self.reason}" if name else self.reason


class ClipNotFoundError(UnreadableClipError, FileNotFoundError):
    """There is no such file."""


class ClipIsFolderError(UnreadableClipError, IsADirectoryError):
    """The path of a clip is that of a folder."""


class ClipPermissionError(UnreadableClipError, PermissionError):
    """The file may not be read."""


class ClipOSError(UnreadableClipError, OSError):
    """The system does not give the file."""


class ClipValueError(UnreadableClipError, ValueError):
    """What is in the file, or in the waveform, is no clip."""


KINDS = (ClipNotFoundError, ClipIsFolderError, ClipPermissionError, ClipOSError, ClipValueError)


def unreadable(error, path):
    """Return the typed error for another OSError or ValueError that reading a file has raised."""
    if isinstance(error, UnreadableClipError):
        return error
    if isinstance(error, PermissionError):
        return not_permitted(path)
    kind = next((kind for kind in KINDS if isinstance(error, kind.__bases__[1])), ClipValueError)
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return kind(f"it cannot be read ({reason}). Take it out of the list, or copy it again.", path=os.fsdecode(path))


def not_permitted(path):
    """Return the error for a file that may not be read."""
    reason = "there is no permission to read this file. Change its mode or its owner."
    return ClipPermissionError(reason, path=os.fsdecode(path))


def one_error(errors):
    """Return one error about all clips that cannot be read, of the type of their errors if they share one."""
    if len(errors) == 1:
        return errors[0]
    types = {type(error) for error in errors}
    error = (types.pop() if len(types) == 1 else ClipValueError)(f"{len(errors)} clips cannot be read")
    error._errors = list(errors)
    return error
