"""What a card says of how well a model does: a line or two, and tables by class, label, number or fold."""

from ..comparison import Comparison
from ..evaluate import Evaluation, EventEvaluation, LabelEvaluation, RegressionEvaluation
from ..train import Training

NONE = "Not evaluated: pass what sklaudio.evaluate_files, train_on_files or compare returned as evaluation."


def scores_of(evaluation):
    """Return lines of scores, and of how they came about.

    Parameters
    ----------
    evaluation : Evaluation, LabelEvaluation, RegressionEvaluation, EventEvaluation, Training, Comparison or None
        What was measured.

    Returns
    -------
    list of str
        Lines of text.

    Raises
    ------
    TypeError
        If it is none of these.
    """
    if evaluation is None:
        return [NONE]
    if isinstance(evaluation, Training):
        return _training_lines(evaluation)
    if isinstance(evaluation, Comparison):
        n_folds = len(evaluation.folds_)
        return [f"The best of {len(evaluation.table_)} models on the same {n_folds} folds: {evaluation.best_}."]
    if isinstance(evaluation, (Evaluation, LabelEvaluation, RegressionEvaluation, EventEvaluation)):
        return evaluation._score_lines()
    raise TypeError(
        "evaluation must be what evaluate_files, train_on_files or compare returned, and is of type "
        f"{type(evaluation).__name__}."
    )


def score_tables(evaluation):
    """Return tables of scores: a dict of titles to dicts of columns; empty where there are none."""
    if isinstance(evaluation, Training):
        held_out = evaluation.held_out
        return {} if held_out is None else _by_fold(held_out) | score_tables(getattr(held_out, "evaluation", None))
    if isinstance(evaluation, Comparison):
        return {"Models compared": _table(evaluation.table_.drop(columns="error"), "model")}
    if isinstance(evaluation, Evaluation):
        return {"Scores by class": _table(evaluation.per_class, "class")}
    if isinstance(evaluation, LabelEvaluation):
        return {"Scores by label": _table(evaluation.per_label, "label")}
    if isinstance(evaluation, RegressionEvaluation):
        return {"Scores by number": _table(evaluation.scores[["mae", "rmse", "r2", "ccc"]], "number")}
    if isinstance(evaluation, EventEvaluation):
        columns = ["f1", "precision", "recall"]
        tables = {"Scores by event": evaluation.by_event, "Scores by segment": evaluation.by_segment}
        return {title: _table(scores[columns], "label") for title, scores in tables.items()}
    return {}


def _training_lines(training):
    """Return how models of the same kind did on held-out clips, and what this one was trained on."""
    held_out = training.held_out
    trained = f"The model here was then trained on all {training.n_clips} clips of {training.n_groups} groups."
    if held_out is None:
        return ["Not evaluated: it was trained without clips held out.", trained]
    if hasattr(held_out, "evaluation"):
        lines = scores_of(held_out.evaluation)
    else:
        low, high = held_out.interval
        lines = [f"Accuracy {held_out.accuracy:.3f} (95% interval {low:.3f} to {high:.3f})."]
    how = f"Of {held_out.n_clips} clips of {held_out.n_groups} groups that the models scored were not trained on"
    spread = "" if held_out.std is None else f"; standard deviation over the folds {held_out.std:.3f}"
    return [*lines, f"{how}{spread}.", trained]


def _by_fold(held_out):
    """Return the scores of each fold; none of a single one."""
    if hasattr(held_out, "by_fold"):
        columns = held_out.by_fold.to_dict("list")
    elif hasattr(held_out, "accuracies"):
        columns = {"accuracy": held_out.accuracies}
    elif hasattr(held_out, "mean_average_precisions"):
        columns = {"mean average precision": held_out.mean_average_precisions, "F1": held_out.f1s}
    else:
        columns = {"F1 of segments": held_out.segment_f1s, "F1 of events": held_out.event_f1s}
    n_folds = len(next(iter(columns.values())))
    return {"Scores by fold": {"fold": list(range(1, n_folds + 1)), **columns}} if n_folds > 1 else {}


def _table(scores, index):
    return {index: scores.index.tolist(), **{name: scores[name].tolist() for name in scores}}
