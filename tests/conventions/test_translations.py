"""Every text of ours stands in Hindi, with the same placeholders, and no catalogue lags behind."""

from __future__ import annotations

import re

from ifso.translations import as_tuple, found, missing, read

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def test_the_catalogue_holds_exactly_the_texts_of_code_and_templates() -> None:
    texts = {message.id for message in found() if message.id}
    held = {message.id for message in read("hi") if message.id}

    assert texts - held == set(), "run ./dev manage update_translations"
    assert held - texts == set(), "run ./dev manage update_translations"


def test_every_text_has_its_hindi() -> None:
    assert missing(read("hi")) == []


def test_no_placeholder_is_lost_or_added() -> None:
    wrong = [
        message.id
        for message in read("hi")
        if message.id
        for text in as_tuple(message.string)
        if set(PLACEHOLDER.findall(str(text)))
        != set(PLACEHOLDER.findall(str(as_tuple(message.id)[-1])))
    ]

    assert wrong == []
