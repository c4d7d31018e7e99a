"""predict_timeline: what is when in a recording of any length, window by window, in memory that does not grow."""

from ._predict import format_time, merge_timeline, predict_timeline, timeline_to_audacity, timeline_to_json

__all__ = ["format_time", "merge_timeline", "predict_timeline", "timeline_to_audacity", "timeline_to_json"]
