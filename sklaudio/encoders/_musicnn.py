"""musicnn: networks that learned to tag music, from the Million Song Dataset and from MagnaTagATune."""

from ._files import WeightFile, holds, home_of

ADDRESSES = (
    "https://github.com/jordipons/musicnn/raw/516acb2/musicnn/{folder}/{file}",
    "https://raw.githubusercontent.com/jordipons/musicnn/master/musicnn/{folder}/{file}",
)
SHA256 = {  # of data and index
    "MSD_musicnn": (
        "8579734ee6388f799ed0def4bbd0d1fdcbeaf213ef2a9dc860917bd76a303de6",
        "87f3e0f3550c8d3bafc840374003e5c8af5eeb5ecf6add61af09a7822d3282c8",
    ),
    "MTT_musicnn": (
        "041f3935e981a65cea739842d30c188d3a7d2adf4410955c8668eb3de4a5acab",
        "da2d7bb670b2b31e9bc441bb1bd75eca31b5b061f963cc1f9630c1aff3238f57",
    ),
}
DATA_BYTES, INDEX_BYTES = 9465596, 4948
TAGS = {
    "musicnn-msd": (
        "rock|pop|alternative|indie|electronic|female vocalists|dance|00s|alternative rock|jazz|beautiful|metal|"
        "chillout|male vocalists|classic rock|soul|indie rock|Mellow|electronica|80s|folk|90s|chill|instrumental|punk|"
        "oldies|blues|hard rock|ambient|acoustic|experimental|female vocalist|guitar|Hip-Hop|70s|party|country|"
        "easy listening|sexy|catchy|funk|electro|heavy metal|Progressive rock|60s|rnb|indie pop|sad|House|happy"
    ).split("|"),
    "musicnn-mtt": (
        "guitar|classical|slow|techno|strings|drums|electronic|rock|fast|piano|ambient|beat|violin|vocal|synth|female|"
        "indian|opera|male|singing|vocals|no vocals|harpsichord|loud|quiet|flute|woman|male vocal|no vocal|pop|soft|"
        "sitar|solo|man|classic|choir|voice|new age|dance|male voice|female vocal|beats|harp|cello|no voice|weird|"
        "country|metal|female voice|choral"
    ).split("|"),
}
FOLDERS = {"musicnn-msd": "MSD_musicnn", "musicnn-mtt": "MTT_musicnn"}
DATA = {
    "musicnn-msd": "Million Song Dataset, 200,000 songs with the 50 most used tags of Last.fm",
    "musicnn-mtt": "MagnaTagATune, 19,000 clips of 29 s with 50 tags of a game",
}
DEFAULT = "penultimate"


def files_of(name):
    """Return the files of the checkpoint: raw tensors, and their index."""
    folder = FOLDERS[name]
    parts = ((".data-00000-of-00001", DATA_BYTES), (".index", INDEX_BYTES))
    return tuple(
        WeightFile(f"musicnn{part}", n_bytes, sha256, tuple(url.format(folder=folder, file=part) for url in ADDRESSES))
        for (part, n_bytes), sha256 in zip(parts, SHA256[folder], strict=True)
    )


def card_of(name):
    """Return the card of an encoder."""
    return {
        "name": name,
        "description": f"musicnn of {FOLDERS[name].split('_')[0]}: tags of music, 200 dims every 3 s",
        "task": f"tags of music: {', '.join(TAGS[name])}",
        "data": DATA[name],
        "licence": "ISC",
        "citation": (
            'J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", '
            "ISMIR 2019 late-breaking, arXiv 1909.06654"
        ),
        "sampling_rate": 16000,
        "dims": 200,
        "frame_rate": 16000 / (187 * 256),
        "layers": "penultimate mean_pool max_pool tags timbral temporal cnn1 cnn2 cnn3".split(),
        "how_to_get": f"sklaudio.encoders.fetch({name!r}), which downloads 9.5 MB, or takes them from source=",
    }


def find_files(name):
    """Return the folder in the data home that has the files, or None."""
    folder = home_of(name)
    return folder if holds(folder, files_of(name)) else None
