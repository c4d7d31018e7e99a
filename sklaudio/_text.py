"""Text that anything may be in, for a terminal."""


def one_line(text):
    """What can be printed as it is, and escapes for the rest: line ends and control characters in names of files."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
