"""docs/extending.md: every recipe is followed in a copy of the repository, and its check must pass."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

RECIPES = {
    title: text for title, text in
    re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", (ROOT / "docs" / "extending.md").read_text(), flags=re.MULTILINE | re.DOTALL)
}
CODE = r"```python\n(.*?)```"
NEW = re.compile(rf"[Nn]ew file `([^`]+)`:\s+{CODE}", re.DOTALL)
END = re.compile(rf"At the end of `([^`]+)`:\s+{CODE}", re.DOTALL)
REPLACE = re.compile(rf"In `([^`]+)` replace\s+{CODE}\s+with\s+{CODE}", re.DOTALL)
CHECK = re.compile(rf"Check:\s+{CODE}", re.DOTALL)


def lines_of(code):
    """Lines with something on them."""
    return sum(bool(line.strip()) for line in code.splitlines())


def follow(text, copy):
    """Do in `copy` what the recipe says; the number of lines that it writes."""
    lines = 0
    for path, code in NEW.findall(text):
        assert not (copy / path).exists()
        (copy / path).write_text(code)
        lines += lines_of(code)
    for path, code in END.findall(text):
        with (copy / path).open("a") as file:
            file.write("\n\n" + code)
        lines += lines_of(code)
    for path, old, new in REPLACE.findall(text):
        source = (copy / path).read_text()
        assert source.count(old.strip()) == 1, f"{path} has no such line, or several"
        (copy / path).write_text(source.replace(old.strip(), new.strip()))
        lines += lines_of(new)
    return lines


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_works(title, tmp_path):
    for folder in ("lib", "pages", "checkpoints/measured"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert 0 < follow(RECIPES[title], tmp_path) <= 30
    (check,) = CHECK.findall(RECIPES[title])
    command = [sys.executable, "-c", check]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
