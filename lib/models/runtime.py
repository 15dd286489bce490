"""Keras in this process: first import, the fixes it needs beside Streamlit, and the devices.

Nothing in the app imports Keras at module level; `warm_up` pays for it in the background.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import queue
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from lib.base.once import Once
from lib.base.priority import give_way
from lib.datasets.dataset import Dataset
from lib.spec.memory_need import check_memory
from lib.spec.specs import ArchitectureSpec, ConvSpec, DenseSpec, FlattenSpec, RunSpec, TrainSpec


def _keep_state(free_memory: bool = True) -> None:
    """Stand in for `keras.backend.clear_session`; see `protect_from_streamlit`."""


def protect_from_streamlit() -> None:
    """Keep Streamlit from clearing Keras' state under a training thread.

    After every script run Streamlit calls `keras.backend.clear_session()`, which drops the naming,
    scope and seed state of *all* threads and makes models that are being built in another thread
    fail. Only the alias that Streamlit calls is replaced; `keras.utils.clear_session` still works.
    """
    import keras

    keras.backend.clear_session = _keep_state


def freeze_garbage() -> None:
    """Take everything alive out of the garbage collector's sight; call once, right after the imports.

    A full collection costs 200-250 ms with TensorFlow's 400,000 objects and holds the interpreter
    lock; Streamlit runs one after every rerun.
    """
    gc.collect()
    gc.freeze()


def release_memory() -> None:
    """Give back what a run that ended held. Call when nothing refers to it any more.

    A network, its optimiser and its compiled steps refer to each other in circles that hold the images too. Python would
    find them many runs later; looking for them now takes 10 to 30 ms, since all that was there before is frozen.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # only the C library of Linux has it
        ctypes.CDLL(None).malloc_trim(0)


def _configure() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):
            # Without it TensorFlow takes all of a GPU's memory, and nothing else fits beside it.
            with contextlib.suppress(RuntimeError):
                tf.config.experimental.set_memory_growth(gpu, True)
        starter = threading.Thread(target=_start_devices, daemon=True)
        starter.start()
        starter.join()


def _start_devices() -> None:
    """Have TensorFlow start its threads: they have the priority of the thread that asks for its devices first."""
    import tensorflow as tf

    give_way()
    tf.config.list_logical_devices()


_ONCE, _READY = Once(), threading.Event()


def prepare() -> None:
    """Import Keras and apply the process-wide fixes, once; later calls return at once."""
    _ONCE.get("prepared", _prepare_once)


def _prepare_once() -> bool:
    _configure()
    protect_from_streamlit()
    freeze_garbage()
    return True


def is_ready() -> bool:
    """Whether `warm_up` has finished in this process."""
    return _READY.is_set()


def warm_up() -> None:
    """Do the slow first things (imports, tracing one tiny step), so that a user's first run starts at once."""
    _ONCE.get("warm", _warm_up_once)


def _warm_up_once() -> bool:
    prepare()
    _train_one_step()
    _READY.set()
    return True


def backend_name() -> str:
    """"tensorflow" or "jax"."""
    prepare()
    import keras

    return keras.backend.backend()


def device_names() -> tuple[str, ...]:
    """Where runs can train: every GPU as "gpu:0", ...; else "cpu:0"."""
    prepare()
    if backend_name() == "tensorflow":
        import tensorflow as tf

        count = len(tf.config.list_physical_devices("GPU"))
    else:
        import jax

        count = sum(device.platform == "gpu" for device in jax.devices())
    return tuple(f"gpu:{index}" for index in range(count)) or ("cpu:0",)


def refuse_too_large(spec: RunSpec, dataset: Dataset) -> None:
    """Raise SpecError before anything of a run is built that the memory of this machine cannot hold.

    A GPU has memory of its own, and says when it is full instead of ending the process.
    """
    if device_names() == ("cpu:0",):
        check_memory(spec, dataset.info.image_shape, len(dataset.x_train))


def _device_pool() -> queue.Queue[str]:
    pool: queue.Queue[str] = queue.Queue()
    for name in device_names():
        pool.put(name)
    return pool


def count_names_anew() -> None:
    """Let this thread's next run name its variables as its first one did.

    Keras numbers optimisers and seeds as long as a thread lives, and TensorFlow keeps 35 KB for every name that a variable
    ever had. Call before a network is built, never between two parts of one.
    """
    from keras.src.utils import naming  # nothing public does that for one thread

    naming.reset_uids()


@contextlib.contextmanager
def borrowed_device() -> Iterator[str]:
    """A device for one run. CPU runs may share; a GPU serves one run at a time."""
    import keras

    count_names_anew()
    pool = _ONCE.get("devices", _device_pool)
    name: Any = "cpu:0" if device_names() == ("cpu:0",) else pool.get()
    try:
        with keras.device(name):
            yield name
    finally:
        if name != "cpu:0":
            pool.put(name)


def _train_one_step() -> None:
    """Build a two-layer network, train one step and evaluate it, so that the first real one finds everything loaded."""
    import keras

    from lib.models.build import build_model
    from lib.models.optimizers import make_optimizer
    from lib.models.program import StepProgram, Update, compiled

    architecture = ArchitectureSpec((ConvSpec(2), FlattenSpec(), DenseSpec(2, "softmax")), "warm_up")
    model = build_model(architecture, (8, 8, 1), seed=0)

    def loss_fn(images: object) -> tuple[object, dict[str, object]]:
        loss = keras.ops.mean(model(keras.ops.cast(images, "float32"), training=True))
        return loss, {"loss": loss}

    images = np.zeros((4, 8, 8, 1), np.uint8)
    program = StepProgram(
        [Update(loss_fn, model.trainable_variables, make_optimizer(TrainSpec()))], (images,), model.variables
    )
    program.run(np.zeros((1, 2), np.int32))
    compiled(lambda x: model(keras.ops.cast(x, "float32"), training=False), model.variables)(images)
