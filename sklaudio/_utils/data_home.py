"""Where data sets are kept, and how what a download leaves there is known again."""

import os
from pathlib import Path

RECORD = ".sklaudio-download"  # file in an unpacked folder that lists what the archive put there
TEMPORARY = (".download-", ".unpack-")  # how folders begin that a killed process may leave


def get_data_home(data_home=None):
    """Return the folder that data sets are kept in: `data_home`, or SKLAUDIO_DATA, or ``~/sklaudio_data``."""
    return Path(data_home or os.environ.get("SKLAUDIO_DATA") or "~/sklaudio_data").expanduser()
