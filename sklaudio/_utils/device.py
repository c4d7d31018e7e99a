"""Where arrays lie and nets run."""

from .terminal import abbreviated, shortened


def resolve_device(device):
    """Return the name of a torch device: "auto" becomes a GPU where there is one, and "cpu" else.

    Raises
    ------
    ValueError
        If torch knows no such device, or it is not on this machine.
    """
    if device == "cpu":
        return device
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device={shortened(device)} cannot be used ({abbreviated(reason)}). Take 'auto', 'cpu' or 'cuda'."
        ) from error
    return device


def multiplies_bfloat16(device):
    """Return whether the processor multiplies in bfloat16 itself: GPUs, and those of CPUs with AVX-512 or the like.

    Others imitate them, several times slower than single precision, and have none for LSTMs.
    """
    import torch

    return torch.device(device).type != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
