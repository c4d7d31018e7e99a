"""
Training curves of several runs
===============================

Draw several trainings over each other with :class:`~sklaudio.TrainingDisplay`: loss, accuracy and learning rate by
epoch. A star marks the lowest validation loss, the epoch that ``early_stopping=True`` keeps.
"""

# %%
# One net and three learning rates. The clips to validate on are those of speakers who are not in training.

from sklearn.model_selection import GroupShuffleSplit

from sklaudio import GRUClassifier, MFCCTransformer, TrainingDisplay
from sklaudio.datasets import make_words

words = make_words(150, n_speakers=10, random_state=0)
X = MFCCTransformer(sr=16000, n_fft=512, hop_length=256).fit_transform(words.data)
splitter = GroupShuffleSplit(1, test_size=0.25, random_state=0)
train, valid = next(splitter.split(X, words.target, words.groups))

nets = {}
for lr in (0.0005, 0.005, 0.05):
    net = GRUClassifier(32, 1, pooling="max", lr=lr, max_epochs=14, device="cpu", random_state=0)
    nets[f"lr = {lr}"] = net.fit(X[train], words.target[train], X_val=X[valid], y_val=words.target[valid])

display = TrainingDisplay.from_estimators(nets)

# %%
# The lowest rate has not converged after 14 epochs. The curves are the columns of ``history_``, a row for each epoch:

for name, net in nets.items():
    best = net.history_.loc[net.history_["valid_loss"].idxmin()]
    print(f"{name:12} best epoch {best['epoch']:2.0f}: loss {best['valid_loss']:.2f}, accuracy {best['valid_acc']:.2f}")

# %%
# Schedules by name change the rate within a training. The third panel shows how.

schedules = {}
for name in ("constant", "cosine", "one-cycle"):
    net = GRUClassifier(32, 1, pooling="max", lr=0.01, lr_schedule=name, max_epochs=10, device="cpu", random_state=0)
    schedules[name] = net.fit(X[train], words.target[train], X_val=X[valid], y_val=words.target[valid])
display = TrainingDisplay.from_estimators(schedules)
