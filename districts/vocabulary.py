"""Words of addresses that name no place by themselves. No Django, no clock."""

from .folding import word_set

ROADS = word_set("road marg street highway expressway flyover")
LANES = word_set("lane path")

COLONIES = word_set(
    "nagar vihar enclave colony puri pura kunj bagh garden gardens park extension ganj pur gaon "
    "village khurd kalan khera apartments estate place city town sarai basti"
)
"""After a name, even that of a god, they make the name of a place: Krishna Nagar."""

GODS = word_set(
    "shiv shiva hanuman ram rama krishna radha sita lakshmi laxmi durga kali mata devi sai shani "
    "balaji ganesh gauri shankar bhagwan sri shri baba guru sant nanak ravidas valmiki ambedkar"
)
"""Temples, schools and markets of these names stand in every quarter."""

FACILITIES = word_set(
    "mandir temple gurudwara gurdwara masjid mosque church dargah ashram dharamshala math "
    "school vidyalaya college university institute academy convent sarvodaya government govt "
    "senior secondary primary public boys girls model modern hospital dispensary clinic health "
    "centre center nursing home market mall shopping complex bazar bazaar shop store cinema club "
    "hotel restaurant dhaba bank atm office post police station stn line lines chowki thana court "
    "fire brigade water tank tanki jal board pump house petrol cng power grid sub sewage plant "
    "bus stand stop terminal depot metro railway halt parking toll plaza gate crossing xing chowk "
    "mor more bridge pul flyover underpass bypass road marg street lane gali path main ring outer "
    "inner corner district community barat ghar bhawan bhavan sadan dda mcd sdmc ndmc lig mig hig "
    "ews sfs janta flats flat society building tower floor ground first second third "
    "block sector pocket phase part number no near opposite behind and the of old new north south "
    "east west central delhi india stadium sports ground shamshan ghat talab pond nala drain canal "
    "mother dairy booth godown factory industrial area workshop ration mohalla chaupal panchayat "
    "camp crpf bsf itbp ssb cisf tb nigam nagar vihar colony enclave extension village park garden "
    "apartments hindi medium"
)


INSTITUTIONS = FACILITIES - COLONIES - word_set("old new north south east west central delhi india")
"""A name with one of these is not the colony that stands at its end."""

GENERIC = word_set(
    "house number flat floor plot street gali lane road marg near opposite behind block sector "
    "pocket phase india delhi state district city village colony market school apartments hospital "
    "chowk mandir temple gurudwara masjid station metro police post office tower building ground "
    "first second third main shop complex society vihar nagar enclave extension road "
    "lives living resident residence student college university instagram facebook whatsapp "
    "area locality located situated sthit kaa men mein par vaale vaali wale wali ilaake ilaakaa"
)
"""Words that tell no place from another."""

ONE_ONLY = word_set(
    "indiagate ashramchowk ashrammetrostation delhigate newdelhimetrostation "
    "newdelhirailwaystation shankarmarket southextension v3small"
)
"""Beginnings of names that are made of such words and yet stand in one place."""


def says_a_place(words: tuple[str, ...]) -> bool:
    """Whether a name has a word that could tell its place from others of its sort."""
    if any("".join(words[:count]) in ONE_ONLY for count in range(1, len(words) + 1)):
        return True
    told = [word for word in words if len(word) > 1 and not word.isdigit()]
    own = [word for word in told if word not in FACILITIES]
    if any(word not in GODS for word in own):
        return True
    return bool(own) and any(word in COLONIES for word in told)
