"""Runs that do not fit into memory are refused before anything is built."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.base.errors import SpecError
from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.experiments import base_spec
from lib.catalog.presets import PRESETS
from lib.spec import memory_need
from lib.spec.memory_need import check_memory, free_bytes, needed_bytes
from lib.spec.specs import RunSpec

GB = 10**9
SHAPES = {"cifar10": (32, 32, 3)}


def with_batch(spec: RunSpec, batch: int) -> RunSpec:
    return replace(spec, train=replace(spec.train, batch_size=batch))


def test_the_link_that_killed_the_server_is_refused(monkeypatch):
    monkeypatch.setattr(memory_need, "free_bytes", lambda: 20 * GB)
    with pytest.raises(SpecError, match=r"does not fit into memory.*smaller batches"):
        check_memory(with_batch(base_spec("b5_cnn1_003"), 65536), (32, 32, 3), 45_000)
    with pytest.raises(SpecError, match="4,096 images of 200x200x3"):
        check_memory(with_batch(base_spec("b4_small_cnn"), 4096), (200, 200, 3), 10_000)


def test_every_preset_fits_a_small_machine(monkeypatch):
    """As its source trained it, with six gigabytes free."""
    monkeypatch.setattr(memory_need, "free_bytes", lambda: 6 * GB)
    for name, preset in PRESETS.items():
        check_memory(base_spec(name), SHAPES.get(preset.dataset, (28, 28, 1)), 54_000)
    for name, preset in CLOCK_PRESETS.items():
        side = int(preset.dataset.rpartition("_")[2])
        check_memory(base_spec(name), (side, side, 1), 14_400)


def test_need_grows_with_the_batch_up_to_all_images_and_with_the_network():
    spec = base_spec("b4_small_cnn")
    small, large = (needed_bytes(with_batch(spec, batch), (28, 28, 1)) for batch in (1000, 4000))
    assert small < large < 5 * small
    assert needed_bytes(with_batch(spec, 4000), (28, 28, 1), 1000) == small
    assert needed_bytes(base_spec("d3_two_heads"), (150, 150, 1)) > 4 * 4 * 14_000_000, "branches have weights too"


def test_nothing_is_refused_where_nobody_knows_what_is_free(monkeypatch):
    monkeypatch.setattr(memory_need, "free_bytes", lambda: None)
    check_memory(with_batch(base_spec("b5_cnn1_003"), 65536), (32, 32, 3))


def test_a_run_that_fits_beside_the_pages_of_files_is_not_refused(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text(f"{4 * GB}\n")
    (tmp_path / "memory.current").write_text(f"{4 * GB - GB // 10}\n")
    (tmp_path / "memory.stat").write_text(f"anon {GB - GB // 10}\ninactive_file {3 * GB}\n")
    container = memory_need._container
    monkeypatch.setattr(memory_need, "_container", lambda: container(tmp_path))
    monkeypatch.setattr(memory_need, "_meminfo", lambda: 60 * GB)
    assert free_bytes() == 3 * GB + GB // 10
    check_memory(base_spec("b4_small_cnn"), (28, 28, 1), 54_000)


def test_free_memory_is_read_from_the_machine_and_its_container(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 8 kB\nMemAvailable:   3000000 kB\n")
    assert memory_need._meminfo(tmp_path / "meminfo") == 3_072_000_000
    (tmp_path / "memory.max").write_text("2000\n")
    (tmp_path / "memory.current").write_text("500\n")
    assert memory_need._container(tmp_path) == 1500
    (tmp_path / "memory.stat").write_text("anon 100\ninactive_file_not 9\ninactive_file 300\nactive_file 70\n")
    assert memory_need._container(tmp_path) == 1800
    for damaged in ("", "inactive_file\n", "inactive_file x\n", "inactive_file \n"):
        (tmp_path / "memory.stat").write_text(damaged)
        assert memory_need._container(tmp_path) == 1500
    (tmp_path / "memory.max").write_text("max\n")
    assert memory_need._container(tmp_path) is None and memory_need._container(tmp_path / "none") is None
    assert free_bytes() is None or free_bytes() > 0
