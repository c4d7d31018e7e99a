"""Packages whose names are loaded on first use, and listed once: in the stub beside `__init__.py`."""

import ast
import sys
from pathlib import Path

import lazy_loader


def attach(package, file):
    """Return `__getattr__`, `__dir__` and `__all__` of a package, from its stub, ``__init__.pyi``.

    Parameters
    ----------
    package : str
        Its name: ``__name__``.
    file : str
        Its file: ``__file__``.

    Raises
    ------
    ValueError
        If the stub imports from elsewhere than the package.
    """
    modules, names = listed(Path(file).with_suffix(".pyi"))
    load, list_names, known = lazy_loader.attach(package, modules, names)

    def attribute(name):
        if name not in known:  # with name and obj, by which Python says what was meant
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message, name=name, obj=sys.modules[package])
        return load(name)

    return attribute, list_names, known


def listed(stub):
    """Return what a stub imports: the modules (a set of str), and the names of each module (a dict of lists).

    ``from .folder import *`` stands for the names that the stub of that folder lists.
    """
    modules, names = set(), {}
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level != 1:
            raise ValueError(f"{stub}, line {node.lineno}: a stub lists names of its package: from .module import …")
        imported = [alias.name for alias in node.names]
        if node.module is None:
            modules.update(imported)
        elif imported == ["*"]:
            _, below = listed(stub.parent / node.module / "__init__.pyi")
            names[node.module] = [name for group in below.values() for name in group]
        else:
            names.setdefault(node.module, []).extend(imported)
    return modules, names
