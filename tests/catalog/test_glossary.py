"""Terms are explained where they first stand, and nothing else is touched."""

import html
import re

import pytest

from lib.catalog.glossary import TERMS, explained


@pytest.mark.parametrize("term", TERMS)
def test_every_term_is_found_and_explained_once(term):
    text = explained(f"a {term}, again {term}.")
    assert text.count("<abbr") == 1
    assert html.unescape(re.search(r'title="([^"]*)"', text).group(1)) == TERMS[term]
    assert re.sub("<[^>]+>", "", text) == f"a {term}, again {term}."


def test_the_longest_term_wins():
    assert ">batch normalisation</abbr>" in explained("with batch normalisation")


@pytest.mark.parametrize("text", ["batches", "preseeded", "vae", "a-loss-less", ""])
def test_other_words_stay(text):
    assert explained(text) == text


@pytest.mark.parametrize("meaning", TERMS.values())
def test_a_meaning_is_short_and_a_sentence(meaning):
    assert len(meaning) < 160 and meaning.endswith(".")
