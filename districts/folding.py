"""Place names as they are spelt, to keys under which spellings meet. No Django, no clock."""

import re
import unicodedata
from functools import lru_cache

ABBREVIATIONS = {
    "ngr": "nagar",
    "nagr": "nagar",
    "encl": "enclave",
    "enclv": "enclave",
    "ext": "extension",
    "extn": "extension",
    "extention": "extension",
    "sec": "sector",
    "sect": "sector",
    "sectr": "sector",
    "blk": "block",
    "bl": "block",
    "ph": "phase",
    "pkt": "pocket",
    "pckt": "pocket",
    "mkt": "market",
    "vill": "village",
    "vlg": "village",
    "rd": "road",
    "mg": "marg",
    "clny": "colony",
    "col": "colony",
    "indl": "industrial",
    "ind": "industrial",
    "cantonment": "cantt",
    "apts": "apartments",
    "appt": "apartments",
    "apt": "apartments",
    "flr": "floor",
    "opp": "opposite",
    "nr": "near",
    "stn": "station",
    "gk": "greater kailash",
    "cp": "connaught place",
    "cr": "chittaranjan",
    "nfc": "new friends colony",
    "govt": "government",
    "sr": "senior",
    "sch": "school",
    "hosp": "hospital",
    "univ": "university",
    "ggsss": "government girls senior secondary school",
    "gbsss": "government boys senior secondary school",
    "gsss": "government senior secondary school",
    "sbv": "sarvodaya bal vidyalaya",
    "skv": "sarvodaya kanya vidyalaya",
    "rpvv": "rajkiya pratibha vikas vidyalaya",
    "kv": "kendriya vidyalaya",
    "dps": "delhi public school",
    "sektar": "sector",
    "koloni": "colony",
    "zila": "district",
    "samne": "opposite",
    "northwest": "north west",
    "northeast": "north east",
    "southwest": "south west",
    "southeast": "south east",
}
"""Short forms in addresses and of schools. `cr` stands in C.R. Park."""

HINDI = {
    "sektar": "sector",
    "saikatar": "sector",
    "saiktar": "sector",
    "phes": "phase",
    "phej": "phase",
    "blok": "block",
    "rod": "road",
    "poket": "pocket",
    "koloni": "colony",
    "kaaloni": "colony",
    "kolauni": "colony",
    "enklev": "enclave",
    "inklev": "enclave",
    "ekstenshan": "extension",
    "vihaar": "vihar",
    "gaardan": "garden",
    "paark": "park",
    "apaartment": "apartments",
    "sosaaiti": "society",
    "taavar": "tower",
    "phlait": "flat",
    "makaan": "house",
    "dukaan": "shop",
    "nambar": "number",
    "gaanv": "village",
    "kaimp": "camp",
    "chauk": "chowk",
    "maarg": "marg",
    "phlaaiovar": "flyover",
    "phaatak": "phatak",
    "naalaa": "nala",
    "maarket": "market",
    "maarkit": "market",
    "baajaar": "bazar",
    "mol": "mall",
    "hotal": "hotel",
    "haaus": "house",
    "ples": "place",
    "kort": "court",
    "ems": "aiims",
    "sinemaa": "cinema",
    "baink": "bank",
    "etiem": "atm",
    "asptaal": "hospital",
    "aspatal": "hospital",
    "haaspital": "hospital",
    "skul": "school",
    "vidyaalay": "vidyalaya",
    "kolej": "college",
    "kaalej": "college",
    "yunivrsiti": "university",
    "vishvavidyaalay": "university",
    "pablik": "public",
    "siniyar": "senior",
    "sekendri": "secondary",
    "sarakaari": "government",
    "indastriyal": "industrial",
    "audyogik": "industrial",
    "eriyaa": "area",
    "kshetr": "area",
    "gurudvaaraa": "gurudwara",
    "stediyam": "stadium",
    "steshan": "station",
    "staind": "stand",
    "tarminal": "terminal",
    "dipo": "depot",
    "pamp": "pump",
    "pilar": "pillar",
    "graaund": "ground",
    "maidaan": "maidan",
    "thaanaa": "thana",
    "jilaa": "district",
    "jile": "district",
    "distrikt": "district",
    "saamne": "opposite",
    "paas": "near",
    "nikat": "near",
    "najadik": "near",
    "bagal": "beside",
    "pichhe": "behind",
    "uttri": "north",
    "dakshini": "south",
    "purvi": "east",
    "pashchimi": "west",
    "baahri": "outer",
    "saauth": "south",
    "narth": "north",
    "naarth": "north",
    "ist": "east",
    "vest": "west",
    "nyu": "new",
    "dilli": "delhi",
}
"""Words of addresses, loan words among them, as Devanagari is put into Latin letters; in what was
written in Latin letters they may be other words.
"""


ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_NUMBERED = {"phase", "part", "sector", "kailash", "extension", "block", "pocket", "town", "puri"}

FOLDED_CHARACTERS_AT_MOST = 1_000
"""Of a longer text only the beginning is folded: no name of a place and no address is as long."""

_WORD = re.compile(r"[a-z]+|[0-9]+")
_DEVANAGARI = re.compile(r"[\u0900-\u097f]")
_GURMUKHI = re.compile(r"[\u0a00-\u0a7f]")

_SKELETON = (
    ("chh", "ch"), ("ph", "f"), ("bh", "b"), ("dh", "d"), ("gh", "g"), ("jh", "j"), ("kh", "k"),
    ("th", "t"), ("rh", "r"), ("sh", "s"), ("aa", "a"), ("ee", "i"), ("ii", "i"), ("oo", "u"),
    ("ou", "u"), ("uu", "u"), ("w", "v"), ("z", "j"), ("q", "k"), ("x", "ks"), ("ck", "k"),
)  # fmt: skip
_DOUBLED = re.compile(r"([a-z])\1+")
_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")


def word_set(words: str) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(words.split())


def fold(text: str) -> tuple[str, ...]:
    """The words of a text, lower case, without accents and dots, short forms written out.

    Devanagari and Gurmukhi are put into Latin letters first. Letters set apart (`D. B. G.`) become
    one word.
    """
    return _folded(text[:FOLDED_CHARACTERS_AT_MOST])


@lru_cache(maxsize=8192)
def _folded(text: str) -> tuple[str, ...]:
    if _GURMUKHI.search(text):
        text = in_devanagari(text)
    if _DEVANAGARI.search(text):
        text = romanise(letters_of(parted(text)))
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    text = text.replace("'", "")
    words: list[str] = []
    letters: list[str] = []
    for word in _WORD.findall(text):
        if len(word) == 1 and word.isalpha() and not (word == "i" and words):
            letters.append(word)
            continue
        if letters:
            words.extend(_joined(letters, words))
            letters = []
        words.extend(ABBREVIATIONS.get(word, word).split())
    words.extend(_joined(letters, words))
    return tuple(_numerals(words))


def _joined(letters: list[str], before: list[str]) -> list[str]:
    if not letters:
        return []
    word = "".join(letters)
    return ABBREVIATIONS.get(word, word).split()


def _numerals(words: list[str]) -> list[str]:
    """Roman numbers that stand after a word become digits; `phasei` is two words."""
    out: list[str] = []
    for position, word in enumerate(words):
        run_together = re.fullmatch(r"(phase)(i{1,3}|iv)", word)
        if run_together:
            out += [run_together[1], ROMAN[run_together[2]]]
        elif word == "sector" and words[position + 1 : position + 2] == ["school"]:
            out.append("secondary")  # Sr. Sec. School
        elif position and word in ROMAN and (word != "i" or words[position - 1] in _NUMBERED):
            out.append(ROMAN[word])
        else:
            out.append(word)
    return out


def skeleton(key: str) -> str:
    """A key under which usual spellings of one name meet: Dwarka and Dvarka, Geeta and Gita."""
    return _skeleton(key[:FOLDED_CHARACTERS_AT_MOST])


@lru_cache(maxsize=65536)
def _skeleton(key: str) -> str:
    for spelt, plain in _SKELETON:
        if spelt in key:
            key = key.replace(spelt, plain)
    return _DOUBLED.sub(r"\1", key)


def _table(letters: str, sounds: str) -> dict[str, str]:
    return dict(zip(letters, sounds.split(), strict=True))


_CONSONANTS = _table(
    "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
    "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l v sh sh s h l",
)
_VOWELS = _table("अआइईउऊऋएऐओऔऑ", "a aa i i u u ri e ai o au o")
_SIGNS = _table("ािीुूृेैोौॉ", "aa i i u u ri e ai o au o")
_VIRAMA, _NUKTA = "\u094d", "\u093c"
_NASAL = {"\u0902": "N", "\u0901": "N", "\u0903": ""}


# The two blocks of Unicode name the same letters in the same places.
_PARALLEL = {code: code - 0x100 for code in range(0x0A01, 0x0A70)}
_TIPPI, _ADDAK = "\u0a70", "\u0a71"


def in_devanagari(text: str) -> str:
    """Gurmukhi letters as those of Devanagari that sound alike. Other text stays."""
    text = unicodedata.normalize("NFD", text).replace(_TIPPI, "\u0a02")
    doubled = re.sub(f"{_ADDAK}([\u0a15-\u0a39])", "\\1\u0a4d\\1", text)
    return doubled.translate(_PARALLEL)


_SPELT = (
    "A:ए B:बी C:सी D:डी E:ई F:एफ G:जी H:एच I:आई J:जे K:के L:एल M:एम N:एन O:ओ P:पी Q:क्यू R:आर S:एस "
    "T:टी U:यू V:वी W:डब्ल्यू X:एक्स Y:वाई Z:जेड"
)
_LETTER_OF = {spelt: letter for letter, spelt in (each.split(":") for each in _SPELT.split())}
_ANY_LETTER = "|".join(sorted(_LETTER_OF, key=len, reverse=True))
_ALONE = r"(?<![\u0900-\u097f]){}(?![\u0900-\u097f])"
_LETTERS_OF_A_NAME = re.compile(
    "|".join(
        _ALONE.format(each)
        for each in (
            rf"(?!बीबी|जीजी)(?:{_ANY_LETTER}){{2,}}",  # जीटीबी, but not the word बीबी
            rf"(?:{_ANY_LETTER})(?:\. ?(?:{_ANY_LETTER}))+",  # आर. के.
            rf"(?!के)(?:{_ANY_LETTER})(?: (?!के)(?:{_ANY_LETTER}))+",  # सी आर; शर्मा जी के is none
            r"आर के(?= पुरम)",
            rf"(?:{_ANY_LETTER})(?=[ -]*(?:ब्लॉक|ब्लाक|पॉकेट|पाकेट)|-[0-9०-९])",  # बी-4
        )
    )
)


def letters_of(text: str) -> str:
    """Latin letters that Devanagari spells by their names: जीटीबी is GTB, बी ब्लॉक the block B."""
    return _LETTERS_OF_A_NAME.sub(
        lambda found: re.sub(rf"({_ANY_LETTER})[ .]*", lambda each: _LETTER_OF[each[1]], found[0]),
        text,
    )


_COLONY_IN_A_WORD = re.compile(
    r"(?<=[\u0900-\u097f]{2})(नगर|विहार|पुरम|गार्डन|कॉलोनी|कालोनी|एन्क्लेव|एनक्लेव|टाउन|बस्ती|मस्जिद)"
    r"(?![\u0900-\u097f])"
)
_NUMBERS = "एक दो तीन चार पांच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस"
_NUMBER_WORDS = _NUMBERS.split()
_NUMBER_IN_WORDS = re.compile(
    rf"(सेक्टर|फेज|ब्लॉक|पॉकेट)[ -]*({'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))})"
    r"(?![\u0900-\u097f])"
)


def parted(text: str) -> str:
    """Words of Devanagari as most write them: जवाहरनगर is जवाहर नगर, सेक्टर सात Sector 7, and आइटीओ
    is आईटीओ.
    """
    text = re.sub(r"(?<![\u0900-\u097f])आइ", "आई", text)
    text = _COLONY_IN_A_WORD.sub(r" \1", text)
    return _NUMBER_IN_WORDS.sub(
        lambda found: f"{found[1]} {_NUMBER_WORDS.index(found[2]) + 1}", text
    )


def romanise(text: str) -> str:
    """Devanagari in Latin letters as Hindi is said: the unsaid `a` is dropped. Other text stays."""
    text = unicodedata.normalize("NFD", text).translate(_DIGITS)
    words = re.split(r"([^\u0900-\u097f]+)", text)
    return "".join(_romanise_word(word) if _DEVANAGARI.search(word) else word for word in words)


def _romanise_word(word: str) -> str:
    """One run of Devanagari. Sounds are (consonants, vowel); an inherent `a` is written `A`, the
    nasal that follows the next consonant `N`.
    """
    out: list[str] = []
    # With the dot below these two are said r; elsewhere the dot changes nothing that matters here.
    word = word.replace("ड" + _NUKTA, "र").replace("ढ" + _NUKTA, "र")
    letters = [letter for letter in word if letter != _NUKTA]
    for position, letter in enumerate(letters):
        following = letters[position + 1] if position + 1 < len(letters) else ""
        if letter in _CONSONANTS:
            said = _CONSONANTS[letter]
            inherent = following not in _SIGNS and following != _VIRAMA
            out.append(said + ("A" if inherent else ""))
        elif letter in _VOWELS:
            out.append(_VOWELS[letter])
        elif letter in _SIGNS:
            out.append(_SIGNS[letter])
        elif letter in _NASAL:
            out.append(_NASAL[letter])
        elif letter != _VIRAMA:
            out.append(" ")
    said = "".join(out)
    said = re.sub(r"A(?=\s|$)", "", said)
    # Between a vowel and a consonant that has a vowel of its own, `a` is not said: dvaarAkaa.
    said = re.sub(r"([aeiou][a-zN]{1,2})A([a-zN]{1,2}[aeiou])", r"\1\2", said)
    said = said.replace("Np", "mp").replace("Nb", "mb").replace("N", "n").replace("A", "a")
    return HINDI.get(said, said)
