import io
import subprocess
import sys
import threading

import numpy as np
import pytest

from lib.base.errors import DataError, SpecError
from lib.base.folders import data_folder
from lib.datasets import DATASETS, available, clock_sets, info, load, registry
from lib.datasets.digits import DIGITS, enlarge
from lib.datasets.idx_sets import idx_source
from lib.datasets.memory import shared_memory
from lib.spec.permutations import PermutationSpec, apply, inverse, make_permutation
from lib.spec.specs import DataSpec
from tests.datasets.conftest import REPOSITORY
from tests.datasets.files import overwrite, write_idx_set


@pytest.fixture
def toy_mnist(monkeypatch, data_home):
    """MNIST with 60 and 20 images, whose files are in the data folder."""
    files = write_idx_set(data_home)
    monkeypatch.setitem(registry._SOURCES, "mnist", idx_source(DATASETS["mnist"], files))
    return files


def check_contract(dataset):
    described = dataset.info
    for split in ("train", "validation", "test"):
        x, y = getattr(dataset, f"x_{split}"), getattr(dataset, f"y_{split}")
        assert x.dtype == np.uint8 and y.dtype == np.int32
        assert x.shape == (len(y), *described.image_shape)
        assert len(y) and y.min() >= 0 and y.max() < described.classes
        assert not x.flags.writeable and not y.flags.writeable
    assert set(dataset.y_train) == set(range(described.classes))


def assert_same(first, second):
    for name in ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize("name", DATASETS)
def test_every_set_is_described(name):
    described = info(name)
    assert described.name == name and all((described.title, described.description, described.licence))
    assert (described.source.startswith("http") or described.kind == "clock") and described.bytes >= 0
    assert len(set(described.class_names)) == described.classes >= (1 if described.kind == "images" else 2)
    assert described.train_images > described.test_images > 0
    assert described.image_shape[2] in (1, 3)


CLOCKS = [name for name, described in DATASETS.items() if described.kind == "clock" and name != "clocks_own"]
CLASSIFIED = [name for name, described in DATASETS.items() if described.kind == "classes"]


def test_own_clocks_are_read_from_the_data_folder_and_scaled(monkeypatch, tmp_path):
    monkeypatch.setenv("NEURAL_LAB_DATA", str(tmp_path))
    assert not available("clocks_own")
    (tmp_path / "clocks").mkdir()
    rng = np.random.default_rng(0)
    np.save(tmp_path / "clocks" / "images.npy", rng.integers(0, 255, (720, 30, 30)).astype(np.uint8))
    np.save(tmp_path / "clocks" / "labels.npy", np.stack(divmod(np.arange(720), 60), axis=1))
    assert available("clocks_own")
    dataset = load(DataSpec("clocks_own"))
    assert dataset.x_train.shape[1:] == (150, 150, 1)
    assert sorted([*dataset.y_train, *dataset.y_validation, *dataset.y_test]) == list(range(720))


def npy_bytes(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("changed", ["images.npy", "labels.npy"])
def test_own_clocks_that_were_replaced_are_read_again(changed, data_home):
    place = data_home / "clocks"
    place.mkdir(parents=True)
    contents = {"images.npy": npy_bytes(np.random.default_rng(0).integers(0, 255, (720, 30, 30)).astype(np.uint8)),
                "labels.npy": npy_bytes(np.stack(divmod(np.arange(720), 60), axis=1))}
    others = {"images.npy": npy_bytes(np.random.default_rng(1).integers(0, 255, (720, 30, 30)).astype(np.uint8)),
              "labels.npy": npy_bytes(np.stack(divmod(np.arange(720)[::-1], 60), axis=1))}
    for name, content in contents.items():
        (place / name).write_bytes(content)
    first = load(DataSpec("clocks_own"))
    assert load(DataSpec("clocks_own")).x_train is first.x_train
    overwrite(place / changed, others[changed])
    second = load(DataSpec("clocks_own"))
    assert second.fingerprint != first.fingerprint and not np.array_equal(second.x_train, first.x_train)
    (place / changed).unlink()
    with pytest.raises(DataError, match=f"{changed} is missing"):
        load(DataSpec("clocks_own"))


@pytest.mark.parametrize("name", CLOCKS)
def test_clocks_are_drawn_once_for_every_minute(name, monkeypatch, tmp_path):
    # 18,000 images take half a minute; two of each minute show the same, and ten of one set that each is in every part.
    monkeypatch.setattr(clock_sets, "PER_MINUTE", 10 if name == "clocks_course_75" else 2)
    monkeypatch.setenv("NEURAL_LAB_DATA", str(tmp_path))
    dataset = load(DataSpec(name))
    assert dataset.x_train.shape[1:] == info(name).image_shape
    total = len(dataset.y_train) + len(dataset.y_validation) + len(dataset.y_test)
    assert total == 720 * clock_sets.PER_MINUTE
    assert len(dataset.y_test) == total // 10
    if clock_sets.PER_MINUTE == 10:
        assert set(dataset.y_train) == set(dataset.y_test) == set(range(720))
    assert len(list((tmp_path / "rendered").glob("*.npy"))) == 1


@pytest.mark.parametrize("name", CLASSIFIED)
def test_every_set_is_there_or_says_how_to_get_it(name):
    if available(name):
        check_contract(load(DataSpec(name)))
        return
    with pytest.raises(DataError) as caught:
        load(DataSpec(name))
    assert "'digits' works without a network" in caught.value.remedy
    assert str(data_folder()) in caught.value.remedy


@pytest.mark.real_data
@pytest.mark.parametrize("name", CLASSIFIED)
def test_every_real_set_keeps_the_contract(name, real_data, written):
    if not available(name):
        pytest.skip(f"{name} is not in {real_data}")
    dataset = load(DataSpec(name))
    check_contract(dataset)
    described = dataset.info
    assert len(dataset.x_train) + len(dataset.x_validation) == described.train_images
    assert len(dataset.x_validation) == described.train_images // 10
    assert len(dataset.x_test) == described.test_images or f"{len(dataset.x_test):,} test images" in dataset.note
    counts = np.bincount(dataset.y_validation)
    shares = np.bincount(np.concatenate([dataset.y_train, dataset.y_validation])) / 10
    assert np.abs(counts - shares).max() < 1
    assert written == []


@pytest.mark.real_data
def test_real_mnist_has_the_known_images(real_data):
    dataset = load(DataSpec("mnist"))
    assert dataset.y_test[:5].tolist() == [7, 2, 1, 0, 4]
    both = dataset.x_train.mean() * 0.9 + dataset.x_validation.mean() * 0.1
    assert both / 255 == pytest.approx(0.1307, abs=5e-5)  # the mean that everybody normalises by


# --- digits -------------------------------------------------------------------------------


def test_digits_need_no_file_and_no_network(written):
    dataset = load(DataSpec("digits"))
    check_contract(dataset)
    assert (len(dataset.x_train), len(dataset.x_validation), len(dataset.x_test)) == (1350, 150, 297)
    assert np.bincount(dataset.y_test).min() >= 29
    assert written == []


def test_digits_have_one_test_split_for_all_seeds():
    first, second = load(DataSpec("digits")), load(DataSpec("digits", split_seed=5))
    np.testing.assert_array_equal(first.x_test, second.x_test)
    assert not np.array_equal(first.y_validation, second.y_validation)


def test_enlarged_digits_lie_in_the_middle():
    large = enlarge(np.full((1, 8, 8), 16.0))
    assert large.shape == (1, 28, 28, 1)
    assert (large[0, 4:24, 4:24] == 255).all() and large.sum() == 400 * 255


def test_the_default_spec_is_offline():
    assert available(DataSpec().dataset)


# --- load ---------------------------------------------------------------------------------


def test_the_same_spec_gives_the_same_arrays(toy_mnist):
    first = load(DataSpec("mnist", split_seed=3))
    assert load(DataSpec("mnist", split_seed=3)).x_train is first.x_train
    shared_memory().clear()
    assert_same(load(DataSpec("mnist", split_seed=3)), first)


def test_images_keep_their_labels(toy_mnist):
    whole = load(DataSpec("mnist", validation_size=0))
    label_of = {image.tobytes(): label for image, label in zip(whole.x_train, whole.y_train, strict=True)}
    part = load(DataSpec("mnist", train_size=20, validation_size=10, split_seed=9))
    assert (len(part.x_train), len(part.x_validation)) == (20, 10)
    seen = [*zip(part.x_train, part.y_train, strict=True), *zip(part.x_validation, part.y_validation, strict=True)]
    assert all(label_of[image.tobytes()] == label for image, label in seen)
    assert len({image.tobytes() for image, _ in seen}) == 30


def test_a_complete_folder_is_not_written_to(toy_mnist, data_home, written):
    for path in [data_home, *data_home.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    del written[:]
    load(DataSpec("mnist"))
    assert written == [] and len(list(data_home.rglob("*"))) == 5
    for path in [data_home, *data_home.rglob("*")]:
        path.chmod(0o755)


def test_a_damaged_file_without_a_network_is_explained(toy_mnist, data_home):
    path = data_home / toy_mnist[0].path
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(DataError, match="damaged or cut short"):
        load(DataSpec("mnist"))


def test_files_that_do_not_belong_together_are_explained(monkeypatch, data_home):
    files = write_idx_set(data_home)
    mixed = (files[0], files[3], *files[2:])
    monkeypatch.setitem(registry._SOURCES, "mnist", idx_source(DATASETS["mnist"], mixed))
    with pytest.raises(DataError, match="do not belong together"):
        load(DataSpec("mnist"))


def test_a_failed_load_is_tried_again(toy_mnist, data_home):
    path = data_home / toy_mnist[1].path
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(DataError):
        load(DataSpec("mnist"))
    path.write_bytes(content)
    check_contract(load(DataSpec("mnist")))


def test_two_loads_at_once_read_once(monkeypatch):
    started, reads = threading.Barrier(4), []

    def slow_read(folder, on_progress):
        reads.append(threading.get_ident())
        return DIGITS.read(folder, on_progress)

    def load_it():
        started.wait()
        loaded.append(load(DataSpec("digits")))

    loaded = []
    monkeypatch.setitem(registry._SOURCES, "digits", type(DIGITS)(DIGITS.info, slow_read, DIGITS.is_available))
    threads = [threading.Thread(target=load_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reads) == 1
    assert len({id(dataset.x_train) for dataset in loaded}) == 1


@pytest.mark.parametrize("call", [lambda n: load(DataSpec(n)), info, available])
def test_an_unknown_name_lists_those_there_are(call):
    with pytest.raises(DataError) as caught:
        call("imagenet")
    assert all(name in caught.value.expected for name in DATASETS)


def test_sizes_that_do_not_fit_are_explained(toy_mnist):
    with pytest.raises(DataError, match="at most 60"):
        load(DataSpec("mnist", train_size=60))


def test_the_cache_folder_is_the_users_own(monkeypatch):
    monkeypatch.delenv("NEURAL_LAB_DATA")
    assert data_folder().name == "neural-lab"


def test_the_layer_loads_no_streamlit_and_no_tensorflow():
    code = "import sys, lib.datasets; print([m for m in sys.modules if m.split('.')[0] in " \
        "('streamlit', 'altair', 'tensorflow', 'keras', 'pandas', 'sklearn', 'pooch')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- permuted pixels ----------------------------------------------------------------------


SHUFFLED = DataSpec("digits", permutation=PermutationSpec("full", seed=3))


def test_a_permutation_reorders_every_split_alike():
    plain, shuffled = load(DataSpec("digits")), load(SHUFFLED)
    check_contract(shuffled)
    back = inverse(make_permutation(SHUFFLED.permutation, 28, 28))
    for split in ("train", "validation", "test"):
        before, after = getattr(plain, f"x_{split}"), getattr(shuffled, f"x_{split}")
        assert not np.array_equal(before, after)
        np.testing.assert_array_equal(apply(after, back), before)
        np.testing.assert_array_equal(getattr(plain, f"y_{split}"), getattr(shuffled, f"y_{split}"))


def test_permuted_arrays_are_made_once():
    first = load(SHUFFLED)
    again = load(DataSpec("digits", permutation=PermutationSpec("full", seed=3)))
    other = load(DataSpec("digits", permutation=PermutationSpec("full", seed=4)))
    assert again.x_train is first.x_train and again.x_test is first.x_test
    assert not np.array_equal(other.x_test, first.x_test)
    fewer = load(DataSpec("digits", train_size=100, permutation=PermutationSpec("full", seed=3)))
    assert fewer.x_test is first.x_test and len(fewer.x_train) == 100


def test_one_that_moves_nothing_is_the_plain_set():
    nothing = DataSpec("digits", permutation=PermutationSpec("identity", seed=8))
    assert load(nothing).x_train is load(DataSpec("digits")).x_train


def test_blocks_that_do_not_fit_are_explained():
    with pytest.raises(SpecError, match="divides 28 and 28: 1, 2, 4, 7, 14, 28"):
        load(DataSpec("digits", permutation=PermutationSpec("blocks", 5)))


def test_validation_images_can_be_the_first_ones_of_the_official_order():
    everything = load(DataSpec("digits", validation_size=0))
    data = load(DataSpec("digits", validation_size=50, validation_from="start"))
    assert len(data.x_validation) == 50 and len(data.x_train) == len(everything.x_train) - 50
    again = load(DataSpec("digits", validation_size=50, validation_from="start", split_seed=3))
    assert np.array_equal(data.x_validation, again.x_validation) and not np.array_equal(data.x_train, again.x_train)


def test_overlapping_splits_test_on_learned_images_and_are_off_by_default():
    apart, overlapping = load(DataSpec("digits")), load(DataSpec("digits", overlap=0.15))
    assert np.array_equal(apart.x_train, overlapping.x_train)
    learned = {image.tobytes() for image in apart.x_train}
    assert len(overlapping.x_test) == len(overlapping.x_validation) == round(0.15 * len(apart.x_train))
    assert all(image.tobytes() in learned for image in overlapping.x_test)
    assert sum(image.tobytes() in learned for image in apart.x_test) == 0
