"""What each extractor costs on hostile text, beside reading the text once in the same run.

`./dev bench text`. Each gets 1 MiB of every shape: runs of one letter, separators inside each
other, half-finished values, marks that pile up on one letter, values by the ten thousand. It gets
the beginning of each too, as long as it just takes. Of some rounds the fastest counts, in time of
the processor, so that other jobs on the machine weigh little.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

from districts import folding
from tiplines import excerpts, grouping, supplements
from tiplines.parsing import aadhaar, mining, moments, normalising, pdf_people, pdf_sections

LENGTH = 1024 * 1024  # characters
CAPS = (
    normalising.URL_CHARACTERS_AT_MOST,
    normalising.VALUE_CHARACTERS_AT_MOST,
    normalising.CACHED_CHARACTERS_AT_MOST,
    folding.FOLDED_CHARACTERS_AT_MOST,
)
ROUNDS = 3
GOAL_SECONDS = 0.2
TRIVIAL = re.compile(r"[^\0]*")
Extractor = Callable[[str], object]


def main() -> int:
    texts = {name: text[:LENGTH] for name, text in shapes()}
    floor = max(seconds_for(TRIVIAL.match, text) for text in texts.values())
    print(f"floor: one trivial expression over {LENGTH:,} characters {1000 * floor:6.1f} ms")
    missed = 0
    for name, extract in extractors().items():
        costs = {
            f"{shape}, {length:,}": seconds_for(extract, text[:length])
            for shape, text in texts.items()
            for length in (LENGTH, *CAPS)
        }
        worst = max(costs, key=lambda shape: costs[shape])
        is_met = costs[worst] <= GOAL_SECONDS
        missed += not is_met
        print(
            f"{'met    ' if is_met else 'NOT MET'} {name:14} {1000 * costs[worst]:6.1f} ms"
            f" at most, {costs[worst] / floor:6.1f} floors ({worst})",
            flush=True,
        )
    print(f"goal: {1000 * GOAL_SECONDS:.0f} ms for each of {len(texts)} shapes")
    return 1 if missed else 0


def shapes() -> Iterator[tuple[str, str]]:
    runs = {
        "digits": "9",
        "letters": "a",
        "at signs": "@",
        "dots": ".",
        "spaces": " ",
        "line ends": "\n",
        "quotes in words": "a'",
        "separators": "9-.9 /(",
        "half addresses": "a@b.",
        "half numbers": "+91 98",
        "half IPs": "1.2.3.::ffff:",
        "half URLs": "https://www.",
        "Devanagari": "द्वारका ",
        "mixed": "a1@.:/-+ 9",
        "case without number": "case no ",
    }
    for name, unit in runs.items():
        yield name, unit * (LENGTH // len(unit) + 1)
    yield "spaces behind a word", "case no" + " " * LENGTH
    # Marks of two classes on one letter: putting them in order costs the square of their number.
    yield "piled marks", "a" + "\u0300\u0316" * (LENGTH // 2)
    yield "wide letters", "\ufdfa" * LENGTH  # each becomes eighteen
    values = {
        "phones": "+91 98{:03d} {:05d}, ",
        "IPs": "203.0.{0}.{1}:80 2001:db8::{0}:{1} ",
        "moments": "2026-11-{:02d} 10:{:02d}:00 UTC 203.0.113.7 ",
        "mail": "ravi{}.{}@example.in ",
        "URLs": "https://example.in/{}/{} ",
        "hashes": "{:016x}{:016x} ",
        "handles": "instagram @ravi{}{} ",
        "plates": "DL {:02d} C AB {:04d} ",
        "IMEI": "imei {:08d}{:07d} ",
        "case numbers": "your case number: A{}-{} ",
        "Aadhaar": "aadhaar 2{:03d} 1234 {:04d} ",
        "reports": "{:05d}{:04d}.xml ",
    }
    for name, form in values.items():
        yield name, "".join(each for each in until_full(form))


def until_full(form: str) -> Iterator[str]:
    length = 0
    for number in count():
        piece = form.format(number // 97 % 60, number % 97)
        yield piece
        length += len(piece)
        if length > LENGTH:
            return


def extractors() -> dict[str, Extractor]:
    return {
        "mine": partial(mining.mine, place=""),
        "mask_aadhaar": aadhaar.mask_aadhaar,
        "moment": moments.moment,
        "day": moments.day,
        "age": moments.age,
        "fold": normalising.fold,
        "provider_key": normalising.provider_key,
        "company": normalising.is_company,
        "company of mail": normalising.company_of_email,
        "account": partial(normalising.account, "Google"),
        "screen_name": partial(normalising.screen_name, "Google"),
        "phone": normalising.phone,
        "email": normalising.email,
        "ip_and_port": normalising.ip_and_port,
        "port": normalising.port,
        "url": normalising.url,
        "device": partial(normalising.device, "IMEI"),
        "device, MAC": partial(normalising.device, "MAC"),
        "digest": partial(normalising.digest, "MD5"),
        "upi": normalising.upi,
        "pan": normalising.pan,
        "vehicle": normalising.vehicle,
        "coordinate": partial(normalising.coordinate, bound=90),
        "flag": normalising.flag,
        "storable": normalising.storable,
        "place: fold": folding.fold,
        "place: skeleton": folding.skeleton,
        "case_numbers": supplements.case_numbers,
        "covered": excerpts.covered,
        "verified": partial(pdf_people.VERIFIED.sub, ""),
        "contents entry": pdf_sections.CONTENTS_ENTRY.search,
        "number of file": grouping.NUMBER.findall,
    }


def seconds_for(act: Extractor, text: str) -> float:
    """One letter less at each round: no cache knows the text."""
    return min(once(act, text[: len(text) - turn]) for turn in range(ROUNDS))


def once(act: Extractor, text: str) -> float:
    began = time.process_time()
    act(text)
    return time.process_time() - began


if __name__ == "__main__":
    raise SystemExit(main())
