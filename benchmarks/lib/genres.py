"""What the benchmark of genres compares, and the studies that it can run."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklaudio import (
    ChromaTransformer,
    CNNClassifier,
    CRNNClassifier,
    DenseClassifier,
    FrameScaler,
    FrameSummary,
    GRUClassifier,
    LSTMClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    SegmentVotingClassifier,
    genre_features,
)

from .evaluation import Model
from .models import encoder_models, recipe_models
from .studies import NET, crossed, of_net, of_segments

SEGMENTS = {"segment_length": 130, "hop_length": 65}  # 3 s, half overlapped
SETTINGS = {"hidden_size": 64, "num_layers": 2, "pooling": "mean", "lr": 3e-3, "dropout": 0.2}
STUDIES = {
    "lr": "learning rate and schedule, LSTM",
    "layers": "number of layers, LSTM",
    "layers-features": "one more layer, fewer features, LSTM",
    "features": "features, LSTM",
    "direction": "LSTM against BLSTM",
    "optimizer": "SGD against Adam and their rates, LSTM",
    "segments": "length of segments, LSTM",
    "networks": "dense against CNN against LSTM, on mel bands",
}


def classical(estimator):
    """Make a classifier of the mean and standard deviation of each dim over a segment."""
    voting = "soft" if hasattr(estimator, "predict_proba") else "hard"
    return SegmentVotingClassifier(
        make_pipeline(FrameSummary(), StandardScaler(), estimator), voting=voting, **SEGMENTS
    )


def recurrent(net):
    """Make a net on the scaled frames of a segment."""
    return SegmentVotingClassifier(Pipeline([("scaler", FrameScaler()), ("net", net)]), **SEGMENTS)


def genre_models(arguments, task):
    """Make classical baselines and recurrent nets on segments, linear models on encoders, and our nets on mel bands."""
    rows = {
        "logistic regression": LogisticRegression(max_iter=2000),
        "SVM (rbf)": SVC(C=10),
        "random forest": RandomForestClassifier(300, random_state=0),
    }
    models = [Model(name, "mfcc", make_features("mfcc"), classical(row)) for name, row in rows.items()]
    models += encoder_models(task) + recipe_models(arguments, task, ("lstm", "blstm"))
    return [*models, augmented_gru(arguments, task), *recipe_models(arguments, task)]


def augmented_gru(arguments, task):
    """Make a recurrent net that sees what the CRNN sees, but for its convolutions: mel bands, changed each time."""
    pipeline = task.make("crnn")
    # Few epochs of small batches have as many steps as the default's many.
    steps = {"max_epochs": arguments.epochs, "batch_size": 8} if arguments.epochs else {}
    net = GRUClassifier(bidirectional=True, augment=CRNNClassifier().augment, **steps)
    classifier = pipeline[-1].set_params(estimator=net)
    return Model("BGRU, augmented", "mel", pipeline[:-1], classifier, calibrate=arguments.calibrate)


def make_features(name, **settings):
    """Make a feature extractor by name."""
    return {
        "mfcc": MFCCTransformer,
        "mfcc-delta": lambda **settings: MFCCTransformer(delta=2, **settings),
        "mel": lambda **settings: MelSpectrogramTransformer(64, **settings),
        "chroma": ChromaTransformer,
        "genre-33": genre_features,
    }[name](**settings)


def genre_study(arguments, memory):
    """Make the study asked for, and the Pipeline that it varies; features are cached in the folder `memory`."""
    epochs = {"max_epochs": arguments.epochs} if arguments.epochs else {}
    lstm = LSTMClassifier(**SETTINGS, **epochs)

    def features(*names):
        return {name: {"features": make_features(name, memory=memory)} for name in names}

    rates = {"adam": (1e-3, 3e-3), "sgd": (3e-2, 1e-1)}  # each near its usual one
    optimizers = {
        f"{optimizer} {lr:g}": {f"{NET}__optimizer": optimizer, f"{NET}__lr": lr}
        for optimizer, values in rates.items()
        for lr in values
    }
    schedules = of_net("lr_schedule", ["constant", "piecewise", "plateau", "cosine", "one-cycle"])
    directions = {"LSTM": {f"{NET}__bidirectional": False}, "BLSTM": {f"{NET}__bidirectional": True}}
    nets = {"dense": DenseClassifier(**epochs), "CNN": CNNClassifier(**epochs), "LSTM": lstm}
    nets = {title: features("mel")["mel"] | {NET: net} for title, net in nets.items()}
    varied = {
        "lr": {"schedule": schedules, "lr": of_net("lr", [1e-3, 3e-3, 1e-2])},
        "layers": {"layers": of_net("num_layers", [1, 2, 3])},
        "layers-features": {"features": features("genre-33", "mfcc"), "layers": of_net("num_layers", [2, 3])},
        "features": {"features": features("chroma", "mfcc", "mfcc-delta", "mel", "genre-33")},
        "direction": {"net": directions},
        "optimizer": {"optimizer": optimizers},
        "segments": {"segments": of_segments([1, 2, 3, 5, 10])},
        "networks": {"net": nets},
    }
    pipeline = Pipeline([("features", make_features("genre-33", memory=memory)), ("vote", recurrent(lstm))])
    return crossed(STUDIES[arguments.study], **varied[arguments.study]), pipeline
