"""Keys made of content: two parameters are the same if they hold the same, however they print and wherever they lie."""

import datetime
import functools
import re
import sys
import weakref
from collections import OrderedDict
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from numbers import Complex, Integral, Real
from pathlib import PurePath
from types import MappingProxyType, ModuleType, NoneType

import numpy as np
from sklearn.utils._param_validation import InvalidParameterError

from .._utils.code_key import LIBRARIES, class_key, digest, is_library
from ._cache import identity

HOOK = "__sklaudio_cache_key__"
NUMBERS = {"builtins", "numpy", "fractions", "decimal"}  # packages whose numbers are identified by their value
MAPPINGS = (dict, OrderedDict, MappingProxyType)
DATES = (datetime.date, datetime.time)  # datetime and pandas' Timestamp are dates
VALUES_OF_TORCH = ("dtype", "device", "layout", "memory_format")


def content_key(value):
    """Compute the hash of the content of a value, equal in every process, on every machine.

    Parameters
    ----------
    value : object
        Numbers are known by value, whatever their type, but True is not 1; text, enums, dates, dtypes by what they
        say; arrays and tensors by dtype, shape and bytes; sparse matrices, tables of pandas; lists, tuples and dicts
        in their order, sets without one; dataclasses, estimators and torch modules by class and attributes; functions
        of NumPy, SciPy and torch by name and version, and partials of them. A Path that leads to a file stands for
        what the file holds. Any other object is known by what its method ``__sklaudio_cache_key__()`` returns.

    Returns
    -------
    str
        40 hexadecimal digits.

    Raises
    ------
    InvalidParameterError
        If anything in it is a function, a class, a generator of random numbers, any other object, or a folder.
    """
    return _Walk(owner=type(value).__qualname__).content(value, "").hex()


def _known_function(value):
    """Return name and version of a function of a library; None for any other."""
    name = getattr(value, "__name__", None)
    if isinstance(value, np.ufunc):
        homes = [np, sys.modules.get("scipy.special")]
        home = next((home for home in homes if home is not None and getattr(home, name, None) is value), None)
        return None if home is None else (home.__name__, name, sys.modules[home.__name__.partition(".")[0]].__version__)
    module = getattr(value, "__module__", None)
    is_bound = not isinstance(getattr(value, "__self__", None), (type, ModuleType, NoneType))
    is_named = isinstance(module, str) and isinstance(name, str)
    if not callable(value) or isinstance(value, type) or is_bound or not is_named:
        return None
    package = module.partition(".")[0]
    is_public_there = getattr(sys.modules.get(module), name, None) is value
    if not is_public_there or package not in LIBRARIES or not hasattr(sys.modules[package], "__version__"):
        return None
    return module, name, sys.modules[package].__version__


class _Walk:
    """Go through a value and what is in it; remember where it is, so that circles end."""

    def __init__(self, owner):
        self.owner = owner
        self.open = []

    def content(self, value, where):
        """Compute the hash of a value: 20 bytes."""
        if any(value is above for above in self.open):
            return digest("circle", str(next(i for i, above in enumerate(self.open) if above is value)))
        self.open.append(value)
        try:
            kinds = (self._hook, self._literal, self._numpy, self._container, self._torch, self._table, self._object)
            found = next((parts for kind in kinds if (parts := kind(value, where)) is not None), None)
        finally:
            self.open.pop()
        if found is None:
            name = getattr(value, "__qualname__", None)
            self._refuse(where, f"a {type(value).__qualname__}" + (f", {name}" if name else ""))
        return digest(*found)

    def _refuse(self, where, what):
        raise InvalidParameterError(
            f"{self.owner}: memory= keeps frames by the content of the parameters, and the content of "
            f"{where or 'this object'} cannot be known: it is {what}. Give its class (or the function) a method "
            f"{HOOK}() that returns all that decides what it does, such as numbers, text and arrays "
            "(docs/extending.md has an example), or pass memory=None."
        )

    def _each(self, values, where):
        return [self.content(value, f"{where}[{index}]") for index, value in enumerate(values)]

    def _attributes(self, attributes, where):
        prefix = f"{where}." if where else ""
        return [part for name, value in attributes for part in (name, self.content(value, prefix + name))]

    def _hook(self, value, where):
        hook = None if isinstance(value, type) else getattr(value, HOOK, None)
        if hook is None:
            return None
        found = hook()
        is_named = isinstance(found, dict) and all(isinstance(name, str) for name in found)
        inside = self._attributes(found.items(), where) if is_named else [self.content(found, where)]
        return ["hook", class_key(type(value)), *inside]

    def _literal(self, value, where):
        """Return the parts of None, texts, numbers and dates: what Python writes as a literal, or nearly."""
        if value is None or value is Ellipsis or value is NotImplemented:
            return ["constant", repr(value)]
        if isinstance(value, Enum):
            return ["enum", class_key(type(value)), str(value.name), self.content(value.value, where)]
        if isinstance(value, (bool, np.bool_)):
            return ["bool", str(bool(value))]
        if type(value) in (str, np.str_):
            return ["text", str(value)]
        if type(value) in (bytes, bytearray, memoryview, np.bytes_):
            return ["bytes", bytes(value)]
        if isinstance(value, PurePath):
            return self._path(value, where)
        if isinstance(value, re.Pattern):
            return ["pattern", self.content(value.pattern, where), str(value.flags)]
        if isinstance(value, DATES):
            return ["date", type(value).__name__, value.isoformat()]
        if isinstance(value, datetime.timedelta):
            return ["timedelta", type(value).__name__, str(value)]
        if isinstance(value, (slice, range)):
            return [type(value).__name__, *self._each((value.start, value.stop, value.step), where)]
        return self._number(value, where)

    def _path(self, value, where):
        """Return the content of a file for its path."""
        if not hasattr(value, "is_dir"):  # a pure path
            return ["path", value.as_posix()]
        if value.is_dir():
            self._refuse(where, f"a folder, {str(value)!r}, and what is in it may change")
        return ["file", identity(str(value))] if value.is_file() else ["path", value.as_posix()]

    def _number(self, value, where):
        """Return the parts of a number: 3, 3.0 and np.float64(3) are one; fractions are exact: large ones may meet."""
        if type(value).__module__.partition(".")[0] not in NUMBERS or not isinstance(value, (Complex, Decimal)):
            return None
        if isinstance(value, Complex) and not isinstance(value, Real):
            return ["complex", *self._each((value.real, value.imag), where)]
        if isinstance(value, Integral):
            return ["number", f"{int(value):x}/1"]
        if value != value or abs(value) == float("inf"):
            return ["number", str(float(value))]
        numerator, denominator = value.as_integer_ratio()
        sign = "-" if numerator == 0 and np.signbit(float(value)) else ""
        return ["number", f"{sign}{numerator:x}/{denominator:x}"]

    def _numpy(self, value, where):
        if isinstance(value, np.dtype):
            return ["dtype", self.content(np.lib.format.dtype_to_descr(value), where)]
        if isinstance(value, (np.datetime64, np.timedelta64)):
            value = np.asarray(value)
        if isinstance(value, np.ma.MaskedArray):
            mask = np.ma.getmaskarray(value)
            return ["masked", *self._each((np.where(mask, value.dtype.type(0), value.data), mask), where)]
        if type(value) not in (np.ndarray, np.memmap, np.matrix, np.recarray, np.void):
            return None
        kind = "matrix" if isinstance(value, np.matrix) else "array"
        array = np.asarray(value)
        shape = repr(array.shape)
        if array.dtype.names is not None:  # what lies between its fields is no content
            inside = self._attributes(((name, array[name]) for name in array.dtype.names), where)
            return ["record", shape, *inside]
        if array.dtype.kind in "OT" or array.dtype.char in "gG":  # addresses; padding
            return [kind, array.dtype.kind, shape, *self._each(array.ravel().astype(object), where)]
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        return [kind, array.dtype.str, shape, np.ascontiguousarray(array).reshape(-1).view(np.uint8).data]

    def _container(self, value, where):
        if type(value) in (list, tuple):
            return [type(value).__name__, *self._each(value, where)]
        if isinstance(value, tuple) and (hasattr(value, "_fields") or is_library(type(value))):
            return ["tuple", class_key(type(value)), *self._each(value, where)]
        if type(value) in MAPPINGS:
            keys = [self.content(key, f"a key of {where}") for key in value]
            values = [self.content(inside, f"{where}[{key!r}]") for key, inside in value.items()]
            return ["dict", *(part for pair in zip(keys, values, strict=True) for part in pair)]
        if type(value) in (set, frozenset):
            return [type(value).__name__, *sorted(self.content(inside, f"a member of {where}") for inside in value)]
        if type(value) is functools.partial:
            return ["partial", *self._each((value.func, value.args, value.keywords), where)]
        if type(value) is weakref.ref:
            return ["reference", self.content(value(), where)]
        return None

    def _torch(self, value, where):
        torch = sys.modules.get("torch")
        if torch is None:
            return None
        if isinstance(value, tuple(getattr(torch, name) for name in VALUES_OF_TORCH)):
            return ["torch", type(value).__name__, str(value)]
        if isinstance(value, torch.Tensor):
            return self._tensor(torch, value, where)
        if isinstance(value, torch.nn.Module) and not isinstance(value, torch.jit.ScriptModule):
            bookkeeping = vars(torch.nn.Module())  # what stands there beside weights: hooks, and whether it trains
            state = [
                (name, held)
                for name, held in sorted(vars(value).items())
                if name not in ("_parameters", "_buffers", "_modules")
                and (name not in bookkeeping or held)
                and not (name in bookkeeping and ("state_dict" in name or "backward" in name))
            ]
            parts = [*value._parameters.items(), *value._buffers.items(), *value._modules.items()]
            return ["module", class_key(type(value)), *self._attributes([*state, *parts], where)]
        return None

    def _tensor(self, torch, value, where):
        has_known_type = type(value) in (torch.Tensor, torch.nn.Parameter) or is_library(type(value))
        if not has_known_type or value.layout != torch.strided or value.is_quantized or value.is_meta:
            return None
        tensor = value.detach().cpu().resolve_conj().resolve_neg().contiguous()
        tensor = torch.view_as_real(tensor) if tensor.is_complex() else tensor
        bits = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[tensor.element_size()]
        return ["tensor", str(value.dtype), repr(tuple(value.shape)), self.content(tensor.view(bits).numpy(), where)]

    def _table(self, value, where):
        sparse, pandas = sys.modules.get("scipy.sparse"), sys.modules.get("pandas")
        if sparse is not None and sparse.issparse(value):
            entries = value.tocoo(copy=True)
            entries.sum_duplicates()
            inside = self._each((entries.data, *(np.asarray(axis, np.int64) for axis in entries.coords)), where)
            return ["sparse", type(value).__name__, repr(value.shape), *inside]
        if pandas is None:
            return None
        if value is pandas.NA or value is pandas.NaT:
            return ["constant", repr(value)]
        if isinstance(value, pandas.DataFrame):
            columns = [self.content(value.iloc[:, place], f"{where}[{place}]") for place in range(value.shape[1])]
            return ["frame", *self._each((value.columns, value.index), where), *columns]
        if isinstance(value, pandas.Series):
            return ["series", *self._each((value.name, value.index, value.array), where)]
        if isinstance(value, pandas.MultiIndex):
            return ["index", *self._each((list(value.names), list(value)), where)]
        if isinstance(value, pandas.Index):
            return ["index", *self._each((value.name, value.array), where)]
        if isinstance(value, pandas.Categorical):
            return ["categories", str(value.ordered), *self._each((value.codes, value.categories), where)]
        if isinstance(value, pandas.api.extensions.ExtensionArray):
            is_numpy = isinstance(value.dtype, np.dtype) or type(value) is pandas.arrays.NumpyExtensionArray
            inside = value.to_numpy() if is_numpy else value.astype(object)
            return ["column", str(value.dtype), self.content(np.asarray(inside), where)]
        return None

    def _object(self, value, where):
        """Return functions and classes of libraries by name, and objects by attributes, if these are all there is."""
        if (names := _known_function(value)) is not None:
            return ["function", *names]
        if isinstance(value, type):
            return ["class", class_key(value)] if is_library(value) else None
        attributes = dict(getattr(value, "__dict__", {}))
        if is_dataclass(value):
            attributes |= {each.name: getattr(value, each.name) for each in fields(value) if hasattr(value, each.name)}
        elif hasattr(value, "get_params"):
            attributes |= value.get_params(deep=False)
        else:
            return None
        stated = [
            (name, attributes[name])
            for name in sorted(attributes)
            if not isinstance(getattr(type(value), name, None), functools.cached_property)
        ]
        return ["object", class_key(type(value)), *self._attributes(stated, where)]
