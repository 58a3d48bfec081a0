"""What an officer says when deciding tiplines. Forms check what was typed and change nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cases.queue import PAGE, key
from districts import reference
from districts.models import District, PoliceStation
from districts.wording import state_words
from tiplines.models.decision import CloseReason, Kind
from tiplines.services.cleaning import clean
from tiplines.services.rulebook import cyber_registers

NOTE_AT_MOST = 2_000  # characters
DELHI = "Delhi"

# The letter that closes with a reason, while the list of reasons is open.
LETTERS = {
    CloseReason.VIRAL: "v",
    CloseReason.NOT_AN_OFFENCE: "n",
    CloseReason.NO_LEAD: "l",
    CloseReason.DATA_EXPIRED: "e",
    CloseReason.DUPLICATE: "d",
    CloseReason.ALREADY_INVESTIGATED: "i",
}


@cache
def other_states() -> tuple[str, ...]:
    return tuple(sorted(state.name for state in reference.states() if state.name != DELHI))


def state_choices() -> list[tuple[str, str]]:
    """Every State and Union Territory but Delhi, by name; the first leaves it to the locator."""
    found = ("", gettext("Each to the State found for it"))
    return [found, *((name, state_words(name)) for name in other_states())]


def place_choices(cyber: Mapping[int, PoliceStation]) -> list[Any]:
    """Every district and its stations, for one list: `d:3` a district, `s:12` a station of it.

    `cyber` as from `rulebook.cyber_registers`: a district that registers there says so.
    """
    return [("", gettext("Choose…")), *place_groups(cyber)]


EACH = "each"
"""The choice of the station that was found for each."""


def many_choices() -> list[Any]:
    """`place_choices` for many at once, who may each go to their own."""
    choose, *groups = place_choices(cyber_registers(timezone.localdate()))
    return [choose, (EACH, gettext("Each to the station found for it, where it is sure")), *groups]


def better_choices() -> list[Any]:
    """The same, and every other State as `t:Haryana`; the first where none is known."""
    states = [(f"t:{name}", state_words(name)) for name in other_states()]
    return [
        ("", gettext("Not known")),
        *place_groups(cyber_registers(timezone.localdate())),
        (gettext("Another State or Union Territory"), states),
    ]


def place_groups(cyber: Mapping[int, PoliceStation]) -> list[Any]:
    stations = (
        PoliceStation.objects.in_force(timezone.localdate())
        .select_related("district")
        .order_by("district__name", "name", "pk")
        .only("name", "name_hi", "district__name", "district__name_hi")
    )
    groups: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    for station in stations:
        district = station.district
        name = registered_at(district, cyber)
        whole = name
        if district.pk not in cyber:
            whole = gettext("%(district)s: the district names the station") % {"district": name}
        group = groups.setdefault(district.pk, (name, [(f"d:{district.pk}", whole)]))
        group[1].append((f"s:{station.pk}", station.local_name))
    return list(groups.values())


def registered_at(district: District, cyber: Mapping[int, PoliceStation]) -> str:
    if district.pk not in cyber:
        return district.local_name
    return gettext("%(district)s: registered at %(station)s") % {
        "district": district.local_name,
        "station": cyber[district.pk].local_name,
    }


def read_place(said: str) -> tuple[int, int | None] | None:
    """The district and station that a choice of `place_choices` means; None if it is none."""
    kind, _colon, text = said.partition(":")
    try:
        pk = key(text)
    except ValueError:
        return None
    today = timezone.localdate()
    if kind == "d" and pk and District.objects.in_force(today).filter(pk=pk).exists():
        return pk, None
    stations = PoliceStation.objects.in_force(today)
    station = stations.filter(pk=pk).first() if kind == "s" and pk else None
    return (station.district_id, station.pk) if station else None


class DecideForm(forms.Form):
    """One decision about one tipline or many. `place` becomes (district key, station key), or None
    where each goes to its own.
    """

    template_name_div = "components/form.html"

    place = forms.CharField(label=_("District or station"), required=False)
    state_name = forms.ChoiceField(
        label=_("State or Union Territory"), choices=state_choices, required=False
    )
    reason = forms.ChoiceField(
        label=_("Reason"), choices=CloseReason.choices, widget=forms.RadioSelect, required=False
    )
    note = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=NOTE_AT_MOST,
        required=False,
    )

    FIELDS = {
        Kind.ASSIGN: ("place", "note"),
        Kind.TRANSFER: ("state_name", "note"),
        Kind.CLOSE: ("reason", "note"),
        Kind.SEND_BACK: ("note",),
    }

    def __init__(
        self,
        *args: Any,
        act: Kind,
        with_places: bool = False,
        alone: bool = False,
        **kwargs: Any,
    ) -> None:
        """`alone` where one of an organised nexus is decided by itself: that needs a reason."""
        super().__init__(*args, **kwargs)
        self.act = act
        self.is_for_many = with_places
        for name in set(self.fields) - set(self.FIELDS[act]):
            del self.fields[name]
        if alone:
            self.fields["note"].required = True
            self.fields["note"].label = _("Why it does not wait for the others")
        if act == Kind.SEND_BACK:
            self.fields["note"].required = True
            self.fields["note"].label = _("What the sender should correct")
        if act == Kind.CLOSE:
            self.fields["reason"].required = True
        if act == Kind.ASSIGN:
            self.fields["place"].required = True
            if with_places:
                self.fields["place"].widget = forms.Select(choices=many_choices())

    def clean_place(self) -> tuple[int, int | None] | None:
        """District and station; None for each its own."""
        if self.cleaned_data["place"] == EACH and self.is_for_many:
            return None
        found = read_place(self.cleaned_data["place"])
        if found is None:
            raise forms.ValidationError(_("Choose a district or a station from the list."))
        return found


class RefuseForm(forms.Form):
    """Why a proposal of another officer is refused."""

    template_name_div = "components/form.html"

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=NOTE_AT_MOST
    )


class AnswerForm(forms.Form):
    """How another State or a sender acknowledged a letter. Text only: nothing is uploaded."""

    template_name_div = "components/form.html"

    reference = forms.CharField(label=_("Their reference number"), max_length=120)
    on = forms.DateField(
        label=_("Date of their acknowledgement"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    from_whom = forms.CharField(label=_("Who acknowledged it: name, rank, office"), max_length=200)


class CorrectForm(forms.Form):
    """A field of a tipline put right. `target` is its place and its name."""

    template_name_div = "components/form.html"

    target = forms.ChoiceField(label=_("What is wrong"))
    after = forms.CharField(
        label=_("What it should be"),
        max_length=NOTE_AT_MOST,
        required=False,
        help_text=_(
            "A day as 2001-12-31. A time with its zone: 2026-10-18 14:00 IST, … UTC or … +05:30."
        ),
    )
    reason = forms.CharField(
        label=_("How it is known"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=NOTE_AT_MOST,
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = choices  # type: ignore[attr-defined]

    def clean_target(self) -> tuple[str, str]:
        place, _bar, field = self.cleaned_data["target"].rpartition("|")
        return place, field


class ChosenForm(forms.Form):
    """Which tiplines are meant: those ticked, alone or as a bundle, or all that the filter lets
    through.
    """

    act = forms.ChoiceField(choices=Kind.choices)
    every = forms.BooleanField(required=False)
    number = forms.MultipleChoiceField(required=False)
    bundle = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any, *, with_act: bool = True) -> None:
        super().__init__(data)
        if not with_act:
            del self.fields["act"]
        numbers = [clean(each, 40) for each in data.getlist("number")[: PAGE + 1]]
        self.fields["number"].choices = [(each, each) for each in numbers]  # type: ignore[attr-defined]
        bundles = [clean(each, 18) for each in data.getlist("bundle")[: PAGE + 1]]
        self.fields["bundle"].choices = [(each, each) for each in bundles]  # type: ignore[attr-defined]

    def clean_bundle(self) -> list[int]:
        try:
            found = [key(each) for each in self.cleaned_data["bundle"]]
        except ValueError as error:
            raise forms.ValidationError("bundle") from error
        return [each for each in found if each is not None]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = [*(cleaned.get("number") or []), *(cleaned.get("bundle") or [])]
        if not cleaned.get("every") and not chosen:
            raise forms.ValidationError(_("Tick at least one tipline first."))
        if len(chosen) > PAGE:
            raise forms.ValidationError(
                ngettext(
                    "At most %(count)s tipline can be ticked at once.",
                    "At most %(count)s tiplines can be ticked at once.",
                    PAGE,
                )
                % {"count": PAGE}
            )
        return cleaned
