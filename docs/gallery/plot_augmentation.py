"""
Augmentation, seen
==================

See what augmentations do to the mel spectrogram of one word. In training, each epoch changes it anew.
"""

# %%
# An augmentation is a callable ``(frames, lengths) -> frames`` on torch tensors. Nets standardize the frames and seed
# torch's generator before they call it; here both are done by hand.

import torch
from matplotlib import pyplot as plt

from sklaudio import MelSpectrogramTransformer
from sklaudio.augment import FilterAugment, FrequencyWarp, Mixup, SpecAugment, Tempo, TimeShift
from sklaudio.datasets import make_words

words = make_words(10, n_speakers=1, random_state=3)
mel = MelSpectrogramTransformer(64, sr=16000, n_fft=1024, hop_length=256).fit_transform(words.data)
mel = torch.from_numpy((mel - mel.mean()) / mel.std())
lengths = torch.full((len(mel),), mel.shape[1])

augmentations = {
    "as it is": None,
    "TimeShift(0.3)": TimeShift(0.3),
    "Tempo((0.7, 0.7))": Tempo((0.7, 0.7)),
    "FrequencyWarp((1.2, 1.2))": FrequencyWarp((1.2, 1.2)),
    "FilterAugment(tilt=1.0)": FilterAugment(tilt=1.0),
    "SpecAugment()": SpecAugment(),
    "Mixup(5.0)": Mixup(5.0),
}

# %%
# Settings are stronger than in training, so that they can be seen.

figure, axes = plt.subplots(2, 4, figsize=(12, 5.5), sharex=True, sharey=True, layout="constrained")
for ax, (name, augment) in zip(axes.flat, augmentations.items(), strict=False):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        augmented = mel if augment is None else augment(mel, lengths)
    seen = augmented[0] if isinstance(augmented, tuple) else augmented
    ax.imshow(seen[0].T, origin="lower", aspect="auto", cmap="magma", vmin=-2, vmax=2.5)
    ax.set_title(name, fontsize="medium")
    changed = (seen[0] - mel[0]).abs().mean()
    print(f"{name:26} changes a value by {changed:.2f} standard deviations on average")
axes.flat[-1].set_axis_off()
for ax in axes[:, 0]:
    ax.set_ylabel("mel band")
for ax in axes[1, :3]:
    ax.set_xlabel("frame (16 ms)")
plt.show()
