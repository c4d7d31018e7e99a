"""One training that two processes share, over gloo."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sklaudio
from sklaudio import CNNClassifier, GRUClassifier

pytest.importorskip("accelerate", reason="installed by the extra `accelerate`")

ROOT = Path(__file__).parents[2]
MAX_WAIT = 240  # seconds
# Or gloo takes the address that the machine's name stands for, which may lead nowhere.
LOOPBACK = {"GLOO_SOCKET_IFNAME": "lo"} if sys.platform == "linux" else {}
SHARED = """
import faulthandler, json, os, sys
import numpy as np
import torch
import sklaudio
from sklaudio import CNNClassifier, GRUClassifier
from sklaudio.nets._checkpoint import Checkpoint

faulthandler.dump_traceback_later(200)  # before the test gives up: where it hangs
torch.set_num_threads(1)
folder, kind = sys.argv[1:3]
X, y = np.load(f"{folder}/X.npy"), np.load(f"{folder}/y.npy")
rank = os.environ["RANK"]
random = np.random.RandomState(int(rank))  # another seed in each process, the same in each run
shared = {"net_params": {"accelerate": {"cpu": True}}, "device": "cpu"}
unlike = {**shared, "random_state": random}
nets = {
    "gru": lambda: GRUClassifier(8, 1, max_epochs=15, lr=0.03, batch_size=8, lr_schedule="one-cycle", **unlike),
    "cnn": lambda: CNNClassifier((4, 4), max_epochs=6, batch_size=4, early_stopping=True, n_iter_no_change=2, **unlike),
    "bare": lambda: GRUClassifier(8, 1, max_epochs=1, optimizer="sgd", batch_size=15, random_state=3, **shared),
}
settings = json.loads(sys.argv[3])
if "killed_after" in settings:
    stop = settings.pop("killed_after")
    kill = lambda self, net, **_: os.kill(os.getpid(), 9) if rank == "1" and len(net.history) > stop else None
    Checkpoint.on_epoch_begin = kill
net = nets[kind]().set_params(**settings).fit(X, y)
with open(f"{folder}/{rank}.json", "w") as file:
    json.dump(net.history_.drop(columns=["seconds", "train_acc"]).to_dict("list"), file)
np.save(f"{folder}/{rank}.npy", net.predict_proba(X))
if rank == "0":
    sklaudio.save(net, f"{folder}/model.skops")
"""


def launch(kind, folder, **settings):
    """What ``accelerate launch`` ends with; --multi_gpu is what starts several processes, the script uses no GPU."""
    command = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes=2"]
    command += ["--num_machines=1", "--mixed_precision=no", "--dynamo_backend=no", "--main_process_port=0"]
    command += [folder / "train.py", folder, kind, json.dumps(settings)]
    # Into a file: of pipes the end would be waited for, and the launcher's processes hold them when it is gone.
    said = folder / "said.txt"
    with said.open("w") as file:
        launched = subprocess.Popen(command, stdout=file, stderr=file, cwd=ROOT, env=os.environ | LOOPBACK)
    try:
        return launched.wait(MAX_WAIT), said.read_text()
    except subprocess.TimeoutExpired:
        pytest.fail(f"not done in {MAX_WAIT} s:\n{said.read_text()}")
    finally:
        launched.terminate()  # which ends its processes as well
        launched.wait(60)


def prepared(X, y, folder):
    """A folder with data and script."""
    np.save(folder / "X.npy", X)
    np.save(folder / "y.npy", y)
    (folder / "train.py").write_text(SHARED)
    return folder


def shared(kind, folder, **settings):
    """Histories and probabilities of two processes."""
    status, said = launch(kind, folder, **settings)
    assert status == 0, said
    histories = [json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1)]
    return histories, [np.load(folder / f"{rank}.npy") for rank in (0, 1)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gru", "cnn"])
def test_both_processes_have_the_same_losses_and_the_same_net(kind, frames, tmp_path):
    """Of other seeds; with a schedule by batches; with early stopping, validation and the statistics of batch norms."""
    X, y = np.repeat(frames[0], 3, axis=0)[:87], np.repeat(frames[1], 3)[:87]  # leaves no even part
    histories, proba = shared(kind, prepared(X, y, tmp_path))
    np.testing.assert_equal(*histories)
    np.testing.assert_array_equal(*proba)
    loaded = sklaudio.load(tmp_path / "model.skops")  # here, where there are no such processes
    np.testing.assert_allclose(loaded.predict_proba(X), proba[0], atol=1e-5)
    assert (loaded.predict(X) == y).mean() > 0.5
    assert histories[0]["train_loss"][-1] < histories[0]["train_loss"][0]


@pytest.mark.slow
def test_a_step_of_two_processes_is_that_of_one_with_both_halves(frames, tmp_path):
    _, proba = shared("bare", prepared(*frames, tmp_path))
    alone = GRUClassifier(8, 1, max_epochs=1, optimizer="sgd", batch_size=30, random_state=3, device="cpu")
    np.testing.assert_allclose(alone.fit(*frames).predict_proba(frames[0]), proba[0], atol=1e-5)


@pytest.mark.slow
def test_a_training_that_lost_a_process_goes_on_after_its_last_epoch(frames, tmp_path):
    folder = prepared(*frames, tmp_path)
    settings = {"random_state": 0, "max_epochs": 6, "checkpoint": str(folder / "checkpoints")}
    status, _ = launch("gru", folder, killed_after=3, **settings)
    assert status != 0
    assert not (folder / "0.json").exists()
    assert len(list((folder / "checkpoints").iterdir())) == 1
    resumed, proba = shared("gru", folder, **settings)
    assert len(list((folder / "checkpoints").iterdir())) == 1
    whole, expected = shared("gru", folder, **{**settings, "checkpoint": str(folder / "others")})
    np.testing.assert_equal(resumed, whole)
    np.testing.assert_array_equal(proba, expected)


def test_one_process_trains_as_it_does_without(frames):
    X, y = frames
    settings = {"max_epochs": 3, "random_state": 0, "device": "cpu"}
    alone = CNNClassifier((4, 4), **settings).fit(X, y)
    by_accelerate = CNNClassifier((4, 4), net_params={"accelerate": {"cpu": True}}, **settings).fit(X, y)
    np.testing.assert_allclose(by_accelerate.predict_proba(X), alone.predict_proba(X), atol=1e-5)


def test_chunks_cannot_be_shared(frames):
    with pytest.raises(ValueError, match="partial_fit"):
        GRUClassifier(net_params={"accelerate": True}).partial_fit(*frames)


def test_parts_are_disjoint_and_equally_many():
    from sklaudio.nets._accelerated import SharedBatches
    from sklaudio.nets._batches import FramesDataset

    dataset = FramesDataset(np.arange(21, dtype=np.float32)[:, None, None])
    parts = [
        [inputs["frames"].flatten().tolist() for inputs, _ in SharedBatches(dataset, 4, rank=rank, n_processes=2)]
        for rank in (0, 1)
    ]
    assert [len(batch) for batch in parts[0]] == [len(batch) for batch in parts[1]] == [4, 4, 3]
    seen = [clip for part in parts for batch in part for clip in batch]
    assert sorted(set(seen)) == list(range(21))
    assert len(seen) == 22  # one clip twice, so that both take as many steps
