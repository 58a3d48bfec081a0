"""Made people: names in combinations nobody chose, birth dates, addresses that reach nobody.

Reserved ranges are used wherever there are any: e-mail at the example domains. India keeps no range
of telephone numbers for fiction, so all numbers begin with +91 666, where we know of no mobile
service; payment handles end in names no payment company uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

CALLING_CODE = "+91"
PHONE_LEVEL = "666"
EMAIL_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
PAYMENT_HANDLES = ("madebank", "examplepay", "nosuchupi")

DEVANAGARI_SHARE = 0.04  # of people who write their name in Devanagari
MINOR_SHARE = 0.02  # of suspects who are under 18


@dataclass(frozen=True, slots=True)
class Community:
    """Names that are heard together somewhere in India, each as Latin|Devanagari."""

    men: tuple[str, ...]
    women: tuple[str, ...]
    surnames: tuple[str, ...]


def _community(men: str, women: str, surnames: str) -> Community:
    return Community(tuple(men.split()), tuple(women.split()), tuple(surnames.split()))


COMMUNITIES = (
    _community(
        "Amit|अमित Rohit|रोहित Sandeep|संदीप Vikas|विकास Deepak|दीपक Manoj|मनोज Ankit|अंकित"
        " Pankaj|पंकज Sachin|सचिन Tarun|तरुण Naveen|नवीन Yogesh|योगेश",
        "Pooja|पूजा Neha|नेहा Kavita|कविता Ritu|रितु Shalini|शालिनी Anjali|अंजलि Preeti|प्रीति",
        "Sharma|शर्मा Gupta|गुप्ता Kumar|कुमार Verma|वर्मा Bansal|बंसल Tyagi|त्यागी Saini|सैनी"
        " Chauhan|चौहान Rawat|रावत Goel|गोयल",
    ),
    _community(
        "Imran|इमरान Salman|सलमान Faizan|फ़ैज़ान Danish|दानिश Arif|आरिफ़ Nadeem|नदीम Shahid|शाहिद",
        "Shabana|शबाना Nazia|नाज़िया Farah|फ़राह Sana|सना Rukhsar|रुख़सार",
        "Khan|ख़ान Ansari|अंसारी Qureshi|क़ुरैशी Siddiqui|सिद्दीक़ी Malik|मलिक Saifi|सैफ़ी",
    ),
    _community(
        "Gurpreet|गुरप्रीत Harjit|हरजीत Manpreet|मनप्रीत Jaspal|जसपाल Ravinder|रविंदर",
        "Simran|सिमरन Harleen|हरलीन Navneet|नवनीत Kiran|किरण",
        "Singh|सिंह Gill|गिल Sandhu|संधू Bedi|बेदी Arora|अरोड़ा Kapoor|कपूर",
    ),
    _community(
        "Sourav|सौरव Arindam|अरिंदम Subhash|सुभाष Dipankar|दीपंकर Tapas|तापस",
        "Moumita|मौमिता Rituparna|ऋतुपर्णा Sharmila|शर्मिला Payel|पायल",
        "Das|दास Ghosh|घोष Mondal|मंडल Sarkar|सरकार Chatterjee|चटर्जी Biswas|विश्वास",
    ),
    _community(
        "Karthik|कार्तिक Senthil|सेंथिल Arun|अरुण Prakash|प्रकाश Murugan|मुरुगन Vignesh|विग्नेश",
        "Lakshmi|लक्ष्मी Divya|दिव्या Meena|मीना Revathi|रेवती",
        "Raman|रमन Subramanian|सुब्रमण्यन Pillai|पिल्लै Nair|नायर Iyer|अय्यर Reddy|रेड्डी Rao|राव",
    ),
    _community(
        "Sunil|सुनील Rakesh|राकेश Dharmendra|धर्मेंद्र Chandan|चंदन Bablu|बबलू Ranjeet|रंजीत"
        " Mithilesh|मिथिलेश",
        "Sunita|सुनीता Rekha|रेखा Babita|बबीता Khushboo|ख़ुशबू",
        "Yadav|यादव Paswan|पासवान Mishra|मिश्रा Jha|झा Prasad|प्रसाद Thakur|ठाकुर Mahto|महतो",
    ),
    _community(
        "Jignesh|जिग्नेश Hardik|हार्दिक Ganesh|गणेश Nilesh|नीलेश Omkar|ओंकार Vishal|विशाल",
        "Hetal|हेतल Snehal|स्नेहल Ashwini|अश्विनी Jyoti|ज्योति",
        "Patel|पटेल Shah|शाह Patil|पाटिल Jadhav|जाधव Kulkarni|कुलकर्णी Deshmukh|देशमुख",
    ),
    _community(
        "Lalrin|लालरिन Thangboi|थांगबोई Bikash|बिकाश Tenzin|तेनज़िन Nabin|नबीन",
        "Linda|लिंडा Rinchen|रिनचेन Mary|मेरी Pinky|पिंकी",
        "Boro|बोरो Haokip|हाओकिप Tamang|तमांग Sangma|संगमा Gogoi|गोगोई Lepcha|लेप्चा",
    ),
    _community(
        "Joseph|जोसेफ Anil|अनिल Vincent|विंसेंट Robin|रॉबिन Ashish|आशीष",
        "Teresa|टेरेसा Anita|अनीता Rosy|रोज़ी Elizabeth|एलिज़ाबेथ",
        "Massey|मैसी Thomas|थॉमस D'Souza|डिसूज़ा Mathew|मैथ्यू Kujur|कुजूर",
    ),
)
COMMUNITY_WEIGHTS = (42, 16, 8, 6, 6, 14, 4, 2, 2)


@dataclass(frozen=True, slots=True)
class MadePerson:
    first_name: str
    last_name: str
    latin_first: str
    latin_last: str
    born_on: date
    handle: str
    """What this person takes as account name: Latin, lower case, with a number."""


def make_person(
    rng: Random, *, today: date, minor: bool = False, woman: bool = False
) -> MadePerson:
    community = rng.choices(COMMUNITIES, COMMUNITY_WEIGHTS)[0]
    first, first_hindi = rng.choice(community.women if woman else community.men).split("|")
    last, last_hindi = rng.choice(community.surnames).split("|")
    years = rng.uniform(13.2, 17.8) if minor else 18.1 + rng.gammavariate(2.2, 5.5)
    born_on = today - timedelta(days=int(years * 365.25))
    stem = first.lower() if rng.random() < 0.5 else f"{first}{last[:4]}".lower().replace("'", "")
    handle = f"{stem}{rng.choice(('', '_', '.'))}{rng.randrange(10, 9999)}"
    if rng.random() < DEVANAGARI_SHARE:
        return MadePerson(first_hindi, last_hindi, first, last, born_on, handle)
    return MadePerson(first, last, first, last, born_on, handle)


def make_phone(rng: Random) -> str:
    """National number of ten digits, without calling code."""
    return f"{PHONE_LEVEL}{rng.randrange(10_000_000):07d}"


def make_email(rng: Random, person: MadePerson) -> str:
    return f"{person.handle.strip('._')}@{rng.choice(EMAIL_DOMAINS)}"


def make_payment_handle(rng: Random, person: MadePerson) -> str:
    """A UPI-like address: no dot after the @."""
    return f"{person.latin_first.lower()}{rng.randrange(100, 99999)}@{rng.choice(PAYMENT_HANDLES)}"


def make_imei(rng: Random) -> str:
    """Fifteen digits with a right check digit; type codes that begin with 00 are for tests."""
    body = f"00{rng.randrange(10**12):012d}"
    total = 0
    for index, digit in enumerate(map(int, body)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return f"{body}{-total % 10}"
