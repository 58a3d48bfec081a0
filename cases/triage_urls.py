"""Routes of the triage desk."""

from django.urls import path

from cases.views import (
    bundles,
    correcting,
    decisions,
    letters,
    nexuses,
    places,
    proposals,
    revealing,
    search,
    triage,
)

urlpatterns = [
    path("queue/", triage.queue, name="queue"),
    path("tiplines/<str:number>/", triage.tipline, name="tipline"),
    path("decide/", decisions.decide, name="decide"),
    path("follow/", decisions.follow, name="follow"),
    path("undo/", decisions.undo, name="undo"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:proposal_id>/", proposals.proposal, name="proposal"),
    path("proposals/<int:proposal_id>/confirm/", proposals.confirm, name="confirm-proposal"),
    path("proposals/<int:proposal_id>/refuse/", proposals.refuse, name="refuse-proposal"),
    path("proposals/<int:proposal_id>/withdraw/", proposals.withdraw, name="withdraw-proposal"),
    path("letters/", letters.letters, name="letters"),
    path("letters/<int:letter_id>/", letters.letter, name="letter"),
    path("letters/<int:letter_id>/<str:language>.pdf", letters.letter_as_pdf, name="letter-pdf"),
    path("letters/<int:letter_id>/acknowledge/", letters.acknowledge, name="acknowledge-letter"),
    path("letters/<int:letter_id>/remind/", letters.remind, name="remind-letter"),
    path("leave-bundle/", bundles.leave, name="leave-bundle"),
    path("tiplines/<str:number>/rejoin/", bundles.rejoin, name="rejoin-bundle"),
    path("bundles/<int:bundle_id>/dissolve/", bundles.dissolve, name="dissolve-bundle"),
    path("bundles/<int:bundle_id>/restore/", bundles.restore, name="restore-bundle"),
    path("tiplines/<str:number>/correct/", correcting.correct, name="correct"),
    path("corrections/<int:correction_id>/undo/", correcting.undo, name="undo-correction"),
    path("tiplines/<str:number>/reveal/", revealing.reveal, name="reveal"),
    path("tiplines/<str:number>/looked/", revealing.looked, name="looked"),
    path("nexuses/", nexuses.nexuses, name="nexuses"),
    path("nexuses/<int:nexus_id>/", nexuses.nexus, name="nexus"),
    path("nexuses/<int:nexus_id>/judge/", nexuses.judge, name="judge-nexus"),
    path("nexuses/<int:nexus_id>/hand-over/", nexuses.hand_over, name="hand-over-nexus"),
    path("judgements/<int:judgement_id>/end/", nexuses.end_judgement, name="end-judgement"),
    path("search/", search.search, name="search"),
    path("locate/", places.locate_address, name="locate"),
]
