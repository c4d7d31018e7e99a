"""Models that several benchmarks compare: rows of their tables."""

from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, make_classifier, published
from sklaudio.encoders._registry import installed_names
from sklaudio.recipes import ON_MELS

from .evaluation import Model, seeded

OTHER_MEMBER = 1000  # from the seed of one member of an ensemble to that of the next


def published_models(prefix, epochs):
    """Make the systems of the literature whose names begin with `prefix`; `epochs` of None are the published ones."""
    models = []
    for name in published.names():
        if name.startswith(prefix):
            pipeline = published.make(name, **({"max_epochs": epochs} if epochs else {}))
            n_dims = len(pipeline["features"].get_feature_names_out())
            figure = published.system(name).figure
            models.append(Model(name, f"{n_dims} dims", pipeline["features"], pipeline[-1], figure))
    return models


def recipe_models(arguments, task, kinds=("cnn", "crnn"), **settings):
    """Make our nets, as `make_classifier` makes them for a task; `settings` are of the net."""
    settings |= {"max_epochs": arguments.epochs} if arguments.epochs else {}
    models = []
    for kind in kinds:
        pipeline = task.make(kind, **settings)
        row = {"features_name": "mel" if kind in ON_MELS else "mfcc", "features": pipeline[:-1]}
        row |= {"calibrate": arguments.calibrate}
        models.append(Model(kind.upper(), classifier=pipeline[-1], **row))
        if kind == "crnn" and arguments.ensemble:
            models.append(Model(f"CRNN x {arguments.ensemble}", classifier=ensemble(models[-1], arguments), **row))
    return models


def ensemble(model, arguments):
    """Make a soft vote of several models that differ in their seeds."""
    members = [
        (f"member{index}", seeded(model.classifier, index * OTHER_MEMBER)) for index in range(arguments.ensemble)
    ]
    return VotingClassifier(members, voting="soft")


def encoder_models(task):
    """Make a logistic regression on each pretrained encoder that is installed."""
    models = []
    for name in installed_names():
        pipeline = make_classifier("encoder", encoder=name, duration=task.duration)
        models.append(Model(name, "encoder", pipeline["features"], pipeline[1:]))
    return models


def spectral_models(arguments, task):
    """Make linear models on summarized MFCCs of whole clips and on encoders, and our nets on mel bands."""
    linear = make_pipeline(FrameSummary(), StandardScaler(), LogisticRegression(max_iter=2000))
    baseline = Model("logistic regression", "mfcc", task.make("lstm")["features"], linear)
    return [baseline, *encoder_models(task), *recipe_models(arguments, task)]


def chosen(models, names):
    """Return the models of these names, or all for None."""
    known = [model.name for model in models]
    unknown = sorted(set(names or ()) - set(known))
    if unknown:
        raise ValueError(f"--models {', '.join(unknown)}: no row of this table, which has {', '.join(known)}.")
    return [model for model in models if names is None or model.name in names]
