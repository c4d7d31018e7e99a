"""What a class of the user's does, as far as its code says: so that an edited class is not taken for what it was."""

import dis
import functools
import hashlib
import inspect
import sys
import types

LIBRARIES = sys.stdlib_module_names | {"sklaudio", "numpy", "scipy", "torch", "sklearn", "pandas"}
SPECIAL_METHODS = ("__call__", "__post_init__")  # others are made by dataclasses, or build what is known by its state
STORES = ("STORE_ATTR", "STORE_GLOBAL", "STORE_DEREF", "STORE_NAME")


def digest(*parts):
    """Hash byte strings and texts, each with its length before it, so that no two lists of them read alike."""
    state = hashlib.blake2b(digest_size=20)
    for part in parts:
        part = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.digest()


def class_key(cls):
    """Compute the hash of what a class is.

    Parameters
    ----------
    cls : type
        The class.

    Returns
    -------
    bytes
        A class of sklaudio is known by its name alone, wherever it lies, and one of an installed library that
        sklaudio builds on by module and name. Any other is known by module and name, by its bases, by the code of its
        methods and of the functions of its package that they call, and by the constants that they use. Values that
        may change, such as lists, and values that the code itself sets, are no part of it.
    """
    if is_library(cls):
        return digest(_name(cls))
    foreign = [base for base in cls.__mro__ if not is_library(base)]
    names = [_name(base) for base in (*foreign, *(above for base in foreign for above in base.__bases__))]
    return digest(*names, *(_of_class(base) for base in foreign))


def code_key(value):
    """Compute the hash of the code in a value: functions, classes, classes of objects, in lists and dicts too."""
    if isinstance(value, (list, tuple)):
        return digest("list", *map(code_key, value))
    if isinstance(value, dict):
        return digest("dict", *(part for name, inside in value.items() for part in (str(name), code_key(inside))))
    if isinstance(value, functools.partial):
        return digest("partial", *map(code_key, (value.func, value.args, value.keywords)))
    if isinstance(value, types.MethodType):
        return code_key(value.__func__)
    if isinstance(value, types.FunctionType) and not is_library(value):
        return _of_function(inspect.unwrap(value), _package(value), set())
    return class_key(value if isinstance(value, type) else type(value))


def is_library(thing):
    """Return whether a class or function comes with sklaudio, Python, or a library that sklaudio is built on."""
    return _package(thing) in LIBRARIES


def _package(thing):
    return (getattr(thing, "__module__", None) or "").partition(".")[0]


def _name(cls):
    module = "sklaudio" if _package(cls) == "sklaudio" else cls.__module__
    return f"{module}.{cls.__qualname__}"


def _of_class(cls):
    package, seen, parts = _package(cls), set(), []
    members = {
        name: value
        for name, value in sorted(vars(cls).items())
        if name in SPECIAL_METHODS or not (name.startswith("__") and name.endswith("__"))
    }
    functions = {name: function for name, value in members.items() for function in _functions_in(value)}
    stored = set().union(*(_stored_by(function.__code__) for function in functions.values()))
    for name, value in members.items():
        for function in _functions_in(value):
            parts += [name, _of_function(function, package, seen)]
        if name not in stored and (constant := _constant(value)) is not None:
            parts += [name, constant]
    return digest(*parts)


def _functions_in(member):
    """Return the Python functions of a member of a class: a method, or those of a property."""
    if isinstance(member, property):
        found = (member.fget, member.fset)
    elif isinstance(member, functools.cached_property):
        found = (member.func,)
    else:
        found = (getattr(member, "__func__", member),)  # static and class methods
    unwrapped = [inspect.unwrap(function) for function in found if callable(function)]
    return [function for function in unwrapped if isinstance(function, types.FunctionType)]


def _of_function(function, package, seen):
    """Compute the hash of the code of a function and of those of its package that it calls."""
    if function in seen:
        return b"seen before"
    seen.add(function)
    codes = _codes_in(function.__code__)
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    used = {f"closure {name}": cell.cell_contents for name, cell in cells if _is_filled(cell)}
    names = {name for code in codes for name in code.co_names if name in function.__globals__}
    used |= {f"global {name}": function.__globals__[name] for name in sorted(names)}
    defaults = {**dict(enumerate(function.__defaults__ or ())), **(function.__kwdefaults__ or {})}
    used |= {f"default {name}": value for name, value in defaults.items()}
    stored = _stored_by(function.__code__)
    parts = [_constant(function.__code__)]
    for name, value in used.items():
        if isinstance(value, types.FunctionType) and _package(value) == package:
            parts += [name, _of_function(inspect.unwrap(value), package, seen)]
        elif name.partition(" ")[2] not in stored and (constant := _constant(value)) is not None:
            parts += [name, constant]
    return digest(*parts)


def _is_filled(cell):
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _codes_in(code):
    """Return a code object and those of the functions and comprehensions inside it."""
    inner = [each for constant in code.co_consts if inspect.iscode(constant) for each in _codes_in(constant)]
    return [code, *inner]


def _stored_by(code):
    """Return the names that code sets: counters and the like, whose values are not what the code is."""
    instructions = (instruction for each in _codes_in(code) for instruction in dis.get_instructions(each))
    return {instruction.argval for instruction in instructions if instruction.opname in STORES}


def _constant(value):
    """Compute the hash of a value that cannot change; None for any other."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes, types.EllipsisType)):
        return digest(type(value).__name__, repr(value))
    if inspect.iscode(value):
        names = [*value.co_names, "|", *value.co_varnames, "|", *value.co_freevars]
        # A constant is known, or it is a slice and such, which Python alone puts there.
        return digest(value.co_code, *names, *(_constant(each) or repr(each) for each in value.co_consts))
    if isinstance(value, (tuple, frozenset)):
        parts = [_constant(each) for each in value]
        if None in parts:
            return None
        return digest(type(value).__name__, *(sorted(parts) if isinstance(value, frozenset) else parts))
    return None
