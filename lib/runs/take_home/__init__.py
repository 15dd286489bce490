"""A finished run to take home: a script, a notebook and a model card that need nothing of this app."""

from lib.runs.take_home.card import model_card
from lib.runs.take_home.script import notebook, stand_alone_script, why_not

__all__ = ["model_card", "notebook", "stand_alone_script", "why_not"]
