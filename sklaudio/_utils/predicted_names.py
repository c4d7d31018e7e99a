"""What predicted numbers are called; graphs of ONNX ask too, so that it imports nothing."""


def names_of_targets(n_targets, names=None):
    """Return the names of targets, or those that stand for them: list of str."""
    if names is None:
        return ["prediction"] if n_targets == 1 else [f"prediction{index}" for index in range(n_targets)]
    names = [str(name) for name in ([names] if isinstance(names, str) else names)]
    if len(names) != n_targets or len(set(names)) != n_targets:
        raise ValueError(f"target_names={names} must be {n_targets} different names, one for each number of a clip.")
    return names
