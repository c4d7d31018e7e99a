"""
A map of clips, and labels that may be wrong
============================================

:class:`~sklaudio.EmbeddingDisplay` embeds clips by an encoder, places those that are alike close together, and lists
clips that the others would label otherwise.
"""

# %%
# Ten synthetic words of 16 speakers, by an encoder that was trained on recordings of digits. Six of the labels are made
# wrong, as happens in every large set.

import numpy as np

from sklaudio import EmbeddingDisplay, EncoderTransformer
from sklaudio.datasets import make_words

words = make_words(160, n_speakers=16, random_state=0)
rng = np.random.default_rng(0)
labels = np.array(words.target)
wrong = rng.choice(len(labels), size=6, replace=False)
for row in wrong:
    labels[row] = rng.choice(np.setdiff1d(labels, labels[row]))

# %%
# Rings are clips whose label may be wrong. Each was predicted from clips of other speakers.

encoder = EncoderTransformer("digits")
settings = {"groups": words.groups, "method": "tsne"}
display = EmbeddingDisplay.from_estimator(encoder, words.data, labels, name="ten words, t-SNE", **settings)

# %%
# The table has the most suspect first: listen to them, from the top.

print(display.suspects_.round(3).to_string())
print(f"{np.isin(wrong, display.suspects_.index).sum()} of the {len(wrong)} that were made wrong are among them")
