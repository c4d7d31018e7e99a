"""What a torch module computes, as a hash: weights, architecture, and the code of classes that are not torch's."""

import hashlib
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

import numpy as np
import torch

LITERALS = (type(None), bool, int, float, complex, str, bytes, torch.dtype, torch.device, torch.Size, range, slice)
KNOWN = ("torch.", "torch", "numpy", "numpy.", "math", "builtins", "transformers.")  # code that has a version
BOOKKEEPING = {
    "training",
    "_parameters",
    "_buffers",
    "_modules",
    "_non_persistent_buffers_set",
    "_is_full_backward_hook",
}


class _UnknownError(Exception):
    """Something decides what is computed and cannot be identified by its content."""


def content_of(module):
    """Hash a module or exported program.

    Parameters
    ----------
    module : torch.nn.Module or torch.export.ExportedProgram
        What to hash.

    Returns
    -------
    content : str or None
        SHA-256 of weights and buffers, attributes, and code; None where something cannot be hashed.
    unknown : str
        What that is.
    """
    digest = hashlib.sha256(f"torch {torch.__version__}".encode())
    try:
        if isinstance(module, torch.export.ExportedProgram):
            digest.update(str(module.graph).encode())
            tensors = {**module.state_dict, **module.constants}
            for name in sorted(tensors):
                _add(digest, tensors[name], name, set())
        else:
            _add_module(digest, module)
    except _UnknownError as error:
        return None, str(error)
    return digest.hexdigest(), ""


def _add_module(digest, module):
    for path, part in module.named_modules(remove_duplicate=False):
        where = path or type(part).__name__
        _add_class(digest, type(part), where)
        tensors = {**part._parameters, **part._buffers}
        for name in sorted(tensors):
            _add(digest, tensors[name], f"{where}.{name}", set())
        for name, value in sorted(vars(part).items()):
            if name in BOOKKEEPING:
                continue
            if name.endswith("_hooks") or "_hooks_" in name:
                if value:
                    raise _UnknownError(f"{where} has hooks")
                continue
            digest.update(f"{where}.{name}".encode())
            _add(digest, value, f"{where}.{name}", set())


def _add_class(digest, cls, where):
    """Add the name of a class, and the code of the methods of those that have no version."""
    for base in cls.__mro__:
        digest.update(f"{base.__module__}.{base.__qualname__}".encode())
        if base.__module__.startswith(KNOWN):
            continue
        for name, value in sorted(vars(base).items()):
            if isinstance(value, (classmethod, staticmethod)):
                value = value.__func__
            if isinstance(value, property):
                value = value.fget
            if not name.startswith("__") or name == "__call__":
                digest.update(name.encode())
                _add(digest, value, f"{where}.{name}", set())


def _add(digest, value, where, seen):
    """Add any value, or raise an error that says where there is one that cannot be hashed."""
    digest.update(type(value).__name__.encode())
    if isinstance(value, torch.Tensor):
        array = value.detach().cpu().contiguous().view(-1).view(torch.uint8) if value.numel() else value.cpu()
        digest.update(f"{value.dtype} {tuple(value.shape)}".encode())
        digest.update(array.numpy().tobytes())
    elif isinstance(value, np.ndarray) and value.dtype != object:
        digest.update(f"{value.dtype} {value.shape}".encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, (*LITERALS, np.generic)):
        digest.update(repr(value).encode())
    elif isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        for index, item in enumerate(items):
            _add(digest, item, f"{where}[{index}]", seen)
        digest.update(b"]")
    elif isinstance(value, dict):
        for key, item in value.items():
            _add(digest, key, where, seen)
            _add(digest, item, f"{where}[{key!r}]", seen)
        digest.update(b"}")
    elif isinstance(value, ModuleType) or _is_known(value):
        digest.update(f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value)}".encode())
    elif isinstance(value, FunctionType):
        _add_function(digest, value, where, seen)
    else:
        raise _UnknownError(f"{where} is {type(value).__name__}")


def _is_known(value):
    """Return whether a class or function is of a package that has a version."""
    module = getattr(value, "__module__", None) or "builtins"
    return isinstance(value, (type, FunctionType, BuiltinFunctionType)) and module.startswith(KNOWN)


def _add_function(digest, function, where, seen):
    """Add the code of a function, and what it uses from around it."""
    if function in seen:
        return
    seen.add(function)
    _add_code(digest, function.__code__)
    around = {name: function.__globals__[name] for name in _names_in(function.__code__) if name in function.__globals__}
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    cells.pop("__class__", None)
    around |= {name: cell.cell_contents for name, cell in cells.items()}
    around |= {"defaults": function.__defaults__, "keyword defaults": function.__kwdefaults__}
    for name in sorted(around):
        digest.update(name.encode())
        if isinstance(around[name], type) and not _is_known(around[name]):
            _add_class(digest, around[name], f"{where}: {name}")
        else:
            _add(digest, around[name], f"{where}: {name}", seen)


def _add_code(digest, code):
    digest.update(code.co_code + repr(code.co_names).encode())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _add_code(digest, constant)
        else:
            digest.update(repr(constant).encode())


def _names_in(code):
    """List the names that code and the functions in it may look up."""
    inner = [_names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*inner)
