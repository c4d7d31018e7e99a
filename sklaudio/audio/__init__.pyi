from ._clip import Clip as Clip
from ._clips import as_clips as as_clips
from ._clips import holds_clips as holds_clips
from ._errors import UnreadableClipError as UnreadableClipError
from ._load import iter_audio as iter_audio
from ._load import load_audio as load_audio
