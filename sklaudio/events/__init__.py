"""Events in time: a detector of any number of labels that start and end somewhere in a clip."""

from ._by_clip import events_by_clip
from ._detector import EventDetector

__all__ = ["EventDetector", "events_by_clip"]
