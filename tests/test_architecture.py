"""The layers: who may import whom, and that TensorFlow stays out of the first page."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

#: Every package of lib may import those before it, and nothing after it.
ORDER = ("base", "images", "spec", "clockface", "catalog", "measures", "datasets", "models", "charts", "runs", "ui")
#: Exceptions: charts get rows, runs get arrays.
NEVER = {("charts", "models"), ("runs", "charts")}
ALLOWED = {
    f"lib.{package}": {f"lib.{other}" for other in ORDER[: place + 1] if (package, other) not in NEVER}
    for place, package in enumerate(ORDER)
} | {"pages": {f"lib.{package}" for package in ORDER if package not in ("models", "runs", "charts")}}
_NUMBERS = {"lib.measures", "lib.datasets", "lib.models", "lib.charts"}
#: library -> where it may be imported at all
HOME_OF = {
    "streamlit": {"pages", "lib.ui"}, "altair": {"lib.charts"}, "tensorflow": {"lib.models"}, "keras": {"lib.models"},
    "jax": {"lib.models"}, "sklearn": _NUMBERS,
}
SOURCES = sorted([*ROOT.glob("lib/**/*.py"), *ROOT.glob("pages/*.py")])


def layer_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return "pages" if parts[0] == "pages" else ".".join(parts[:2])


def imports(tree: ast.AST):
    """(imported module, whether at the top level) of every import statement."""
    top = {id(node) for node in getattr(tree, "body", [])}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            # `from lib import datasets` imports lib.datasets
            names = [f"lib.{alias.name}" for alias in node.names] if node.module == "lib" else [node.module]
            for name in names:
                yield name, id(node) in top


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    layer = layer_of(path)
    if layer == "lib.__init__.py":
        return
    for name, at_top in imports(ast.parse(path.read_text())):
        if name.startswith("lib."):
            assert ".".join(name.split(".")[:2]) in ALLOWED[layer], f"{layer} imports {name}"
        library = name.split(".")[0]
        assert layer in HOME_OF.get(library, {layer}), f"{layer} imports {library}"
        if library in ("tensorflow", "keras", "jax"):
            assert not at_top, f"{library} is imported before it is used"
        if layer == "lib.ui" and name.startswith("lib.models"):
            assert not at_top, "lib.ui imports lib.models before it is used"


def test_nothing_but_the_models_loads_tensorflow():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in SOURCES
        if layer_of(path) in set(ALLOWED) - {"pages", "lib.models"} and path.parent.name != "router"
    ]
    code = f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n" \
           "print([m for m in ('tensorflow', 'keras', 'jax') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


def test_the_home_page_needs_neither_altair_nor_pandas():
    heavy = ("altair", "pandas", "scipy", "sklearn", "tensorflow")
    code = f"import sys, lib.ui.frame, lib.ui.home.panel; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


def test_every_page_is_in_the_navigation_and_the_other_way_round():
    from lib.ui.frame import PAGES

    assert {page.path.name for page in PAGES} == {path.name for path in (ROOT / "pages").glob("*.py")}
    assert len({page.question for page in PAGES}) == len(PAGES)


def test_every_task_is_described_and_trained_and_set_up_on_a_page():
    from lib.catalog.tasks import TASKS
    from lib.models.tasks.base import TrainingTask
    from lib.ui.frame import PAGES

    for task in TASKS.values():
        module, _, name = task.implementation.partition(":")
        assert issubclass(getattr(importlib.import_module(module), name), TrainingTask)
        assert task.settings.__name__ != "Settings", f"{task.name} has settings of its own"
    assert {task.page for task in TASKS.values()} <= {page.name for page in PAGES}


def test_a_task_is_told_apart_by_its_description_alone():
    compared = re.compile(r"""(?<!for )\btask(?:"\])? (?:==|!=|in|not in) (?:["'(]+\w|(?!TASKS\b)[A-Z]{3,})""")
    found = [f"{path.relative_to(ROOT)}: {line.strip()}" for path in SOURCES if path.parts[-3:-1] != ("models", "tasks")
             for line in path.read_text().splitlines() if compared.search(line)]
    assert found == []


def test_no_image_is_served_as_a_file_that_streamlit_may_drop():
    found = [f"{path.relative_to(ROOT)}:{node.lineno}" for path in SOURCES if layer_of(path) in ("pages", "lib.ui")
             for node in ast.walk(ast.parse(path.read_text()))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "image"]
    assert found == [], "lib.ui.widgets.images shows images in the page itself"


def test_every_package_that_is_imported_is_declared():
    sold_as = {"PIL": "pillow", "sklearn": "scikit-learn"}
    app, tools = SOURCES, [*ROOT.glob("scripts/*.py"), *ROOT.glob("tests/**/*.py")]
    for paths, files in ((app, ("requirements", "requirements-ray")), (tools, ("requirements", "requirements-dev"))):
        text = "\n".join((ROOT / f"{file}.txt").read_text() for file in files)
        declared = set(re.findall(r"^([\w-]+)\s*[=<>;]", text, re.MULTILINE)) | {"jax"}  # another backend, for who wants it
        found = {name.split(".")[0] for path in paths for name, _ in imports(ast.parse(path.read_text()))}
        ours = {"lib", "scripts", "tests"} | sys.stdlib_module_names
        assert {sold_as.get(name, name) for name in found - ours} <= declared, files


def test_git_keeps_every_source_file():
    files = [str(path.relative_to(ROOT)) for path in (*SOURCES, ROOT / "checkpoints" / "manifest.json")]
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(["git", "check-ignore", *files], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == ""
