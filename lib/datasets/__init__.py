"""Images with labels: the registry, pinned downloads, splits and users' own sets."""

from lib.base.folders import data_folder
from lib.datasets.custom import custom_owner, custom_sets, register_images, register_npz, remove_custom
from lib.datasets.dataset import Dataset, DatasetInfo
from lib.datasets.image_npz import read_npz
from lib.datasets.ready import check_obtainable, check_sizes
from lib.datasets.registry import DATASETS, available, info, load

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetInfo",
    "available",
    "check_obtainable",
    "check_sizes",
    "custom_owner",
    "custom_sets",
    "data_folder",
    "info",
    "load",
    "read_npz",
    "register_images",
    "register_npz",
    "remove_custom",
]
