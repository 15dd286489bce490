from lib.ui.digits.training import generate_training
from lib.ui.fragments import fragment
from lib.ui.frame import page_header
from lib.ui.invent.cards import report_card
from lib.ui.invent.methods import cvae_panel, map_panel, mix_panel, reversed_panel, salt_panel
from lib.ui.widgets.layout import open_tab

page_header(
    "invent_digits",
    "Five ways to generate new digits: four from a report, and a conditional VAE. Below each digit, what our classifier "
    "takes it for.",
)
open_tab("invent_tab", {
    "Mix two": fragment(mix_panel), "Salt a latent code": fragment(salt_panel), "Latent map": fragment(map_panel),
    "Reverse it": fragment(reversed_panel), "Conditional VAE": fragment(cvae_panel),
    "What we measured": report_card, "Train your own": generate_training,
}, former={"Salt a code": "Salt a latent code", "Two numbers": "Latent map"})
