"""What a GPU gives: epochs, features in batches, embeddings and predictions a second, and the memory they take.

    python benchmarks/gpu.py                  # on the GPU of this machine, within 8 minutes
    python benchmarks/gpu.py --device cpu     # the same on the processor, to see that it runs

Ours, skorch as it comes and the bare loop of torch are called in turn, in one process; a ratio above 1 says that ours
is faster. Rows that the time does not suffice for are named and left out. Clips are noise: what is measured is time.
"""

import argparse
import resource
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from lib.evaluation import versions
from lib.presentation import Printer, save_json, table
from lib.results_page import write_section
from lib.speed_training import PlainLSTM, bare_loop, made_frames, skorch_loop
from lib.timing import side_by_side

from sklaudio import CRNNClassifier, EncoderTransformer, LSTMClassifier, MelSpectrogramTransformer, MFCCTransformer
from sklaudio.published import KERAS

SR = 16000


class ConvEncoder(torch.nn.Module):
    """A stand-in for pretrained networks of torch: six strided convolutions, as wav2vec 2.0 begins."""

    def __init__(self, n_channels=256):
        super().__init__()
        sizes, n_in, layers = [(10, 5), *[(3, 2)] * 4, (2, 2)], 1, []
        for size, stride in sizes:
            layers += [torch.nn.Conv1d(n_in, n_channels, size, stride), torch.nn.GELU()]
            n_in = n_channels
        self.layers = torch.nn.Sequential(*layers)

    def forward(self, samples):
        """Map (batch, n_samples) -> (batch, n_frames, n_channels)."""
        return self.layers(samples[:, None]).transpose(1, 2)


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1, … or cpu")
    parser.add_argument("--clips", type=int, default=2000, help="of an epoch, and of the other rows")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=8, help="after which no row begins")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "gpu")
    return parser.parse_args(argv)


def lstm(arguments):
    """Time one epoch of an LSTM of two layers: ours, skorch's loader, and the bare loop."""
    X, y = made_frames(arguments.clips)
    net = LSTMClassifier(64, 2, max_epochs=1, **KERAS, **_settings(arguments))
    functions = {
        "ours": lambda: net.fit(X, y),
        "skorch as it comes": lambda: skorch_loop(PlainLSTM, X, y, arguments.device),
        "bare torch loop": lambda: bare_loop(PlainLSTM, X, y, arguments.device),
    }
    return "epoch, LSTM 64x2, 130 x 13", functions, 1


def crnn(precision):
    """Return a row of an epoch of the recipe's net in one precision."""

    def row(arguments):
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(arguments.clips, 101, 64)).astype(np.float32), np.arange(arguments.clips) % 10
        net = CRNNClassifier(max_epochs=1, precision=precision, **_settings(arguments))
        return f"epoch, CRNN of the recipe, 101 x 64, {precision}", {"ours": lambda: net.fit(X, y)}, 1

    return row


def prediction(arguments):
    """Time the probabilities of the recipe's net."""
    X = np.random.default_rng(0).normal(size=(arguments.clips, 101, 64)).astype(np.float32)
    net = CRNNClassifier(max_epochs=1, **_settings(arguments)).fit(X[:64], np.arange(len(X[:64])) % 10)
    return "predict a clip, CRNN, 101 x 64", {"ours": lambda: net.predict_proba(X)}, len(X)


def features(make, name):
    """Return a row of features of clips of 3 s in batches, beside those of the processor."""

    def row(arguments):
        y = np.random.default_rng(0).normal(size=(arguments.clips // 4, 3 * SR)).astype(np.float32) / 10
        on = make(sr=SR, device=arguments.device).fit(y[:2])
        beside = make(sr=SR).fit(y[:2])
        difference = np.abs(on.transform(y[:2]) - beside.transform(y[:2])).max()
        if difference > 1e-2:  # dB or cepstra: single precision of other kernels
            raise AssertionError(f"{name}: the device and the processor differ by {difference:.2g}")
        functions = {"ours": lambda: on.transform(y), "on the processor": lambda: beside.transform(y)}
        return f"{name} of a clip of 3 s", functions, len(y)

    return row


def embedding(arguments):
    """Time the frames of a network of torch."""
    y = np.random.default_rng(0).normal(size=(arguments.clips // 8, SR)).astype(np.float32) / 10
    encoders = {
        name: EncoderTransformer(ConvEncoder(), sr=SR, device=device, batch_size=64).fit(y[:2])
        for name, device in (("ours", arguments.device), ("on the processor", "cpu"))
    }
    functions = {name: lambda encoder=encoder: encoder.transform(y) for name, encoder in encoders.items()}
    return "embed a clip of 1 s, six convolutions of 256", functions, len(y)


ROWS = {
    "lstm": lstm,
    "crnn": crnn("float32"),
    "crnn, bfloat16": crnn("bfloat16"),
    "prediction": prediction,
    "mel": features(MelSpectrogramTransformer, "mel spectrogram"),
    "mfcc": features(MFCCTransformer, "MFCC"),
    "embedding": embedding,
}


def _settings(arguments):
    return {"batch_size": 32, "random_state": 0, "device": arguments.device, "standardize": False}


@contextmanager
def peak_memory(device):
    """Give the megabytes at the peak of what runs within, of the GPU, or of the process where there is none."""
    found = {}
    is_gpu = torch.device(device).type == "cuda"
    if is_gpu:
        torch.cuda.reset_peak_memory_stats(device)
    yield found
    n_bytes = (
        torch.cuda.max_memory_allocated(device) if is_gpu else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    found["megabytes"] = n_bytes / 1e6


def synchronized(function, device):
    """Return the function, which waits for the GPU at its end."""
    if torch.device(device).type != "cuda":
        return function

    def run():
        function()
        torch.cuda.synchronize(device)

    return run


def measure(arguments, say):
    """Run the rows that the time suffices for; returns lines of a table, and the names of those left out."""
    start, lines, left_out = time.perf_counter(), [], []
    for name, row in ROWS.items():
        if time.perf_counter() - start > 60 * arguments.minutes:
            left_out.append(name)
            continue
        with peak_memory(arguments.device) as memory:
            what, functions, n_units = row(arguments)
            functions = {name: synchronized(function, arguments.device) for name, function in functions.items()}
            seconds = side_by_side(functions, repeats=arguments.repeats, n_units=n_units, clock=time.perf_counter)
        ours = seconds.pop("ours")
        for peer, theirs in seconds.items() or [("", float("nan"))]:
            ratio = f"{theirs / ours:.2f}x" if peer else ""
            lines.append(
                [
                    what,
                    f"{1000 * ours:.3g} ms",
                    peer,
                    f"{1000 * theirs:.3g} ms" if peer else "",
                    ratio,
                    f"{memory['megabytes']:.0f}",
                ]
            )
        say(f"{what}: {1000 * ours:.3g} ms, peak {memory['megabytes']:.0f} MB")
    return lines, left_out


def main(argv=None):
    """Measure on one device, and print a table."""
    arguments, start = parse(argv), time.perf_counter()
    is_gpu = torch.device(arguments.device).type == "cuda"
    if is_gpu and not torch.cuda.is_available():
        print(
            "gpu.py: torch finds no GPU here, nothing was measured; --device cpu runs it on the processor",
            file=sys.stderr,
        )
        return 1
    about = {
        "device": torch.cuda.get_device_name(arguments.device) if is_gpu else "cpu",
        "threads": torch.get_num_threads(),
        "data": f"[synthetic] noise, {arguments.clips} clips; median of {arguments.repeats} calls on the clock",
        "versions": versions(),
        "command": " ".join(["python benchmarks/gpu.py", *(sys.argv[1:] if argv is None else argv)]),
    }
    say = Printer("[synthetic] ")
    say("\n".join(f"{name}: {value}" for name, value in about.items()))
    lines, left_out = measure(arguments, say)
    about["seconds"] = round(time.perf_counter() - start)
    if left_out:
        about["left out for want of time"] = ", ".join(left_out)
    memory = "peak MB of the GPU" if is_gpu else "peak MB of the process so far"
    text = table(["what", "ours", "beside", "its time", "ratio", memory], lines)
    say(f"\n{text}\n{about['seconds']} s")
    arguments.output.mkdir(parents=True, exist_ok=True)
    save_json(arguments.output / "gpu.json", **about, rows=lines)
    if arguments.results is not None:
        write_section(arguments.results, "speed", f"GPU, {about['device']}", about, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
