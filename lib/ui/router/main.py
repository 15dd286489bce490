"""The script behind every request: put the app's root on the path, then draw the frame and the page."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from lib.ui.frame import run_app  # noqa: E402 - needs the path above

run_app()
