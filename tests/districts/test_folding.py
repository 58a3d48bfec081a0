import pytest

from districts.folding import FOLDED_CHARACTERS_AT_MOST, fold, romanise, skeleton


@pytest.mark.parametrize(
    ("written", "words"),
    [
        pytest.param("R. K. Puram Sect-4", ("rk", "puram", "sector", "4"), id="letters set apart"),
        pytest.param("S A T B A R I", ("satbari",), id="a name spaced out"),
        pytest.param("Mayur Vihar Ph-II", ("mayur", "vihar", "phase", "2"), id="Roman number"),
        pytest.param("Dakshinpuri PhaseIII", ("dakshinpuri", "phase", "3"), id="run together"),
        pytest.param("Mangolpuri I Block", ("mangolpuri", "i", "block"), id="block I stays"),
        pytest.param("Greater Kailash-I", ("greater", "kailash", "1"), id="part one"),
        pytest.param("Rohini sec11", ("rohini", "sector", "11"), id="number run on"),
        pytest.param(
            "Govt. Sr. Sec. School", ("government", "senior", "secondary", "school"), id="a school"
        ),
        pytest.param(
            "R.P.V.V. Narela",
            ("rajkiya", "pratibha", "vikas", "vidyalaya", "narela"),
            id="its kind",
        ),
        pytest.param("", (), id="nothing"),
    ],
)
def test_fold(written: str, words: tuple[str, ...]) -> None:
    assert fold(written) == words


@pytest.mark.parametrize(
    ("hindi", "english"),
    [
        ("द्वारका", "Dwarka"),
        ("रोहिणी", "Rohini"),
        ("प्रशांत विहार", "Prashant Vihar"),
        ("करोल बाग", "Karol Bagh"),
        ("दिल्ली", "Delhi"),
        ("सेक्टर १५", "Sector 15"),
        ("सेक्टर सात", "Sector 7"),
        ("अमनविहार", "Aman Vihar"),
        ("आइटीओ", "ITO"),
    ],
)
def test_hindi_and_english_spellings_meet(hindi: str, english: str) -> None:
    assert skeleton("".join(fold(hindi))) == skeleton("".join(fold(english)))


@pytest.mark.parametrize(
    ("punjabi", "english"),
    [
        ("ਰੋਹਿਣੀ", "Rohini"),
        ("ਦਿੱਲੀ", "Delhi"),
        ("ਤਿਲਕ ਨਗਰ", "Tilak Nagar"),
        ("ਸੈਕਟਰ ੧੫", "Sector 15"),
        ("ਪੰਜਾਬੀ ਬਾਗ਼", "Panjabi Bag"),
    ],
)
def test_punjabi_and_english_spellings_meet(punjabi: str, english: str) -> None:
    assert skeleton("".join(fold(punjabi))) == skeleton("".join(fold(english)))


@pytest.mark.parametrize(
    ("hindi", "words"),
    [
        pytest.param("राम अस्पताल के पास", ("raam", "hospital", "ke", "near"), id="common words"),
        pytest.param("जीटीबी अस्पताल", ("gtb", "hospital"), id="letters in one word"),
        pytest.param("आर. के. पुरम", ("rk", "puram"), id="letters apart"),
        pytest.param("बी ब्लॉक", ("b", "block"), id="the letter of a block"),
        pytest.param("एफ-213", ("f", "213"), id="the letter of a house"),
        pytest.param("दिल्ली के सी ब्लॉक", ("delhi", "ke", "c", "block"), id="of is no letter"),
        pytest.param("खानपुर", ("khaanpur",), id="n before p"),
        pytest.param("कंपनी", ("kampani",), id="the nasal before p"),
    ],
)
def test_hindi_words_and_letters_are_those_of_addresses(hindi: str, words: tuple[str, ...]) -> None:
    assert fold(hindi) == words


def test_other_scripts_are_left_alone() -> None:
    assert romanise("Delhi 110001 دہلی") == "Delhi 110001 دہلی"
    assert fold("دہلی 7") == ("7",)


def test_of_a_long_text_only_the_beginning_is_folded() -> None:
    filled = "rohini " + "x" * (FOLDED_CHARACTERS_AT_MOST - len("rohini  dwarka")) + " dwarka"

    assert fold(filled)[-1] == "dwarka"
    assert fold(f"{filled} narela") == fold(filled)
    longest = "ab" * (FOLDED_CHARACTERS_AT_MOST // 2)
    assert skeleton(f"{longest}dwarka") == skeleton(longest)
