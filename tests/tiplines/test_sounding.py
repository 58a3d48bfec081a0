"""Names and addresses over scripts and spellings have one number; others have another."""

import pytest

from tiplines.sounding import address_sound, name_sound


@pytest.mark.parametrize(
    "spellings",
    [
        pytest.param(
            ("Amit Kumar", "अमित कुमार", "ਅਮਿਤ ਕੁਮਾਰ", "KUMAR Amit", "Shri Amit Kr."), id="order"
        ),
        pytest.param(("Mohd. Irfan Khan", "मोहम्मद इरफान खान", "Md Irfan Khan"), id="short"),
        pytest.param(("Deepak Chaudhary", "दीपक चौधरी", "Dipak Choudhari"), id="vowels"),
        pytest.param(("Harpreet Singh", "ਹਰਪ੍ਰੀਤ ਸਿੰਘ", "हरप्रीत सिंह"), id="Gurmukhi"),
        pytest.param(("Gaurav Verma", "गौरव वर्मा", "Gourav Varma"), id="another spelling"),
        pytest.param(("Sachin Bhatia", "सचिन भाटिया"), id="a glide"),
        pytest.param(("Imran Qureshi", "इमरान कुरैशी"), id="q"),
    ],
)
def test_spellings_of_a_name_sound_alike(spellings: tuple[str, ...]) -> None:
    [sound] = {name_sound(each) for each in spellings}

    assert sound is not None
    assert 0 <= sound < 2**56


def test_other_names_sound_otherwise() -> None:
    names = [
        "Amit Kumar",
        "Ajit Kumar",
        "Amit Verma",
        "Sumit Kumar",
        "Amit Kumar Verma",
        "अनिल कुमार",
    ]

    assert len({name_sound(each) for each in names}) == len(names)


def test_what_has_no_letters_has_no_sound() -> None:
    assert [name_sound(text) for text in ("", "  ", "12345", "Mr.")] == [None] * 4


def test_an_address_sounds_alike_however_it_is_written() -> None:
    spellings = (
        "H.No. 12, Gali No 5, Sangam Vihar, New Delhi 110080",
        "मकान नंबर 12, गली नंबर 5, संगम विहार, नई दिल्ली",
        "gali 5 house 12 sangam vihar",
    )

    [sound] = {address_sound(each, "110080") for each in spellings}
    assert sound is not None
    assert sound != address_sound("House 14, Gali 5, Sangam Vihar")


def test_a_place_without_a_house_is_no_address() -> None:
    places = ("Sangam Vihar, New Delhi", "Pocket 4, Sector 7, Rohini", "110085", "")

    assert [address_sound(each, "110085") for each in places] == [None] * 4
