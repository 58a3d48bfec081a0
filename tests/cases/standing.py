"""What holds of every tipline after whatever was done."""

from cases.models import CaseTipline
from tiplines.models import Decision, Tipline
from tiplines.models.tipline import Status


def assert_every_tipline_stands_somewhere() -> None:
    """Held by an open case with the same holder and one standing decision, or waiting for one."""
    for tip in Tipline.objects.all():
        standing = Decision.objects.filter(tipline=tip, undone_at__isnull=True).count()
        entries = CaseTipline.objects.filter(tipline=tip, left_at__isnull=True)
        assert standing == (tip.status != Status.AWAITING)
        if tip.status != Status.HELD:
            assert not entries.exists()
            assert (tip.holder_district_id, tip.holder_station_id) == (None, None)
            continue
        case = entries.get().case
        assert case.is_open
        assert (case.district_id, case.station_id) == (
            tip.holder_district_id,
            tip.holder_station_id,
        )
