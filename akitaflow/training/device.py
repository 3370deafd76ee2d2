"""Choice of the devices and the number of cores that TensorFlow uses."""

import os
import sys
from pathlib import Path

import tensorflow as tf

from akitaflow.errors import InputError

DEVICES = ("auto", "cpu", "gpu")
AUTOTUNE_CACHE = "--xla_gpu_per_fusion_autotune_cache_dir"


def use_device(device="auto", threads=None):
    """Choose the device for this process. Call it before other uses of TensorFlow.

    Parameters
    ----------
    device : {"auto", "cpu", "gpu"}
        ``auto`` uses GPUs if there are any, ``cpu`` uses none, ``gpu`` requires one.
    threads : int, optional
        Cores for TensorFlow's operations; by default all.

    Returns
    -------
    str
        "gpu" or "cpu".

    Raises
    ------
    InputError
        If ``device`` is ``gpu`` and TensorFlow finds no GPU.
    """
    if device not in DEVICES:
        raise InputError(f"device: {device!r} is unknown; write one of {', '.join(DEVICES)}")
    gpus = tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise InputError(
            "device: gpu was asked for and TensorFlow sees none. Check nvidia-smi, the driver, and that the job was "
            "given a GPU, or write `device: auto` or `device: cpu` to train on the CPU."
        )
    try:
        if threads:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
        if device == "cpu":
            tf.config.set_visible_devices([], "GPU")
            gpus = []
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
        if gpus:
            keep_autotuning()
    except RuntimeError as error:  # TensorFlow has started with other settings, for example in a notebook
        print(f"TensorFlow is already running and keeps its settings: {error}", file=sys.stderr)
    return "gpu" if gpus else "cpu"


def keep_autotuning():
    """Let XLA store its measurements on a GPU (autotuning), so that later processes need not repeat them.

    The folder is ``akitaflow/xla`` in the user's cache. If ``XLA_FLAGS`` already names a folder, nothing is changed.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if AUTOTUNE_CACHE in flags:
        return
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "akitaflow" / "xla"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"XLA repeats its measurements in each process: {folder} cannot be created ({error})", file=sys.stderr)
        return
    os.environ["XLA_FLAGS"] = f"{flags} {AUTOTUNE_CACHE}={folder}".strip()


def strategy_of(gpus=1):
    """Strategy for training on the GPUs of this machine.

    Parameters
    ----------
    gpus : int or "all"
        Number of GPUs. For 1, or ``all`` with at most one GPU, TensorFlow's default strategy is returned.

    Returns
    -------
    tf.distribute.Strategy

    Raises
    ------
    InputError
        If there are fewer GPUs.
    """
    devices = tf.config.list_logical_devices("GPU")
    number = len(devices) if gpus == "all" else gpus
    if number <= 1:
        return tf.distribute.get_strategy()
    if number > len(devices):
        raise InputError(
            f"training.gpus: {number} were asked for and TensorFlow sees {len(devices)}. Check nvidia-smi and how many "
            "the job was given, or write a smaller number"
        )
    return tf.distribute.MirroredStrategy([gpu.name for gpu in devices[:number]])
