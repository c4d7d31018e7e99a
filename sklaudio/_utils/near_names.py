"""The name that somebody may have meant who wrote another."""

import difflib


def did_you_mean(name, known, *, after=""):
    """Say which of the names that there are is like a name that there is not, for the end of a message.

    Parameters
    ----------
    name : object
        What was given; only text can be like a name.
    known : iterable of str
        The names that there are.
    after : str, default=""
        What ends the sentence before, where it is to have an end only if something is said.

    Returns
    -------
    str
        Such as " Did you mean 'words'?", with a space in front; "" where none is like it.
    """
    if not isinstance(name, str):
        return ""
    by_small_letters = {str(one).casefold(): str(one) for one in known}
    near = difflib.get_close_matches(name.casefold(), by_small_letters, n=1)
    return f"{after} Did you mean {by_small_letters[near[0]]!r}?" if near else ""
