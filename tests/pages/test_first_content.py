"""No page imports TensorFlow before its first content: its import would take seconds out of a visitor's first ten."""

import subprocess
import sys

import pytest

from lib.ui.frame import PAGES
from tests.conftest import ROOT

_SCRIPT = """
import sys
from streamlit.testing.v1 import AppTest
from lib.measures.forecast import StepCost
from lib.ui.experiments.forecast import Calibrator
from lib.ui.lab import lab
# Neither the warm-up that follows the first page nor what is timed later.
lab().use(background=None, calibrator=Calibrator(lambda spec, info: StepCost(0.5, 0.01, 0.0001)))
app = AppTest.from_file("lib/ui/router/main.py", default_timeout=60).run()
for name in sys.argv[1:]:
    app = app.switch_page(f"{ROOT}/pages/{name}.py").run()
    assert not app.exception, app.exception
    print(name, [m for m in ("tensorflow", "keras") if m in sys.modules], len(app.main))
"""


@pytest.mark.usefixtures("use_runner")
def test_no_page_imports_tensorflow_before_its_first_content(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURAL_LAB_DATA", str(tmp_path / "no data"))
    names = [page.name for page in PAGES if page.name != "home"]
    done = subprocess.run([sys.executable, "-c", f"ROOT = {str(ROOT)!r}\n{_SCRIPT}", *names], cwd=ROOT, capture_output=True,
                          text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.strip().splitlines()
    assert [line.split()[0] for line in lines] == names
    assert all("[]" in line for line in lines), done.stdout
