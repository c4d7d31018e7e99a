"""check_folder, check_clips: what would fail, what is there twice, and what no one would want to train on."""

from ._check import check_clips, check_folder

__all__ = ["check_clips", "check_folder"]
