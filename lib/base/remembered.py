"""Results of slow functions, remembered for the whole process."""

from __future__ import annotations

import functools
import hashlib
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
#: Results that are kept of each function: the last ones that were asked for.
MOST = 32


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """`function`, which depends on nothing but its arguments, with its last results kept for whoever asks the same again.

    Arguments must be such that they can be pickled. They are the same where all that they hold is, tables and arrays too,
    of which `functools.lru_cache` can make nothing. Results are shared by all callers, so not to be changed.
    """
    results: OrderedDict[bytes, T] = OrderedDict()
    lock = threading.Lock()

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        key = hashlib.sha256(pickle.dumps((args, kwargs), pickle.HIGHEST_PROTOCOL)).digest()
        with lock:
            if key in results:
                results.move_to_end(key)
                return results[key]
        result = function(*args, **kwargs)
        with lock:
            results[key] = result
            while len(results) > MOST:
                results.popitem(last=False)
        return result

    return call
