from lib.ui.frame import page_header
from lib.ui.panels.ask import ask_run_panel
from lib.ui.panels.current_run import current_run
from lib.ui.panels.epoch_scrubber import scrubber_panel
from lib.ui.panels.on_show import shown_beside
from lib.ui.panels.race import race_panel
from lib.ui.panels.rate_search import search_panel
from lib.ui.panels.results import results_panel
from lib.ui.panels.run import run_panel
from lib.ui.train.run_setup import other_page_note, take_setup_of_run
from lib.ui.train.setup import no_run_yet, setup_panel

run_id = current_run()
invitation = (
    "Pick images and a network, press **Train**, and watch it learn. Training goes on in the background: leave the page, "
    "refresh it or open a second tab, the run is still there."
)
page_header("train", "" if run_id else invitation)
take_setup_of_run()
beside = shown_beside()
setup_panel(f"{run_id or ''}{beside}")
search_panel()
race_panel()
if run_id is None:
    if not beside:
        no_run_yet()
else:
    snapshot = run_panel(run_id)
    if snapshot is not None:
        other_page_note(snapshot.record)
        scrubber_panel(snapshot.record, live=not snapshot.state.is_final)
    if snapshot is not None and snapshot.state.is_final:
        results_panel(snapshot)
        ask_run_panel(snapshot)
