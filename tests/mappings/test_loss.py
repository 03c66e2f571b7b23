"""The words of the loss report; that it names every difference is tested with accounts (tests/pipelines)."""

from mappings.card import EntityCard
from mappings.loss import Held, losses
from mappings.model import Entity

FIELDS = frozenset({"title", "assignee_id", "subject_id"})
CARD = EntityCard(carries=FIELDS, creates=FIELDS, updates=FIELDS, costs={})
TASK = Held(
    "7",
    ("Call",),
    {"title": "Call", "assignee_id": "p-1", "subject_id": "p-9"},
    {},
    frozenset(),
    {"title": "Call", "assignee_id": "p-2", "subject_id": "unlinked:coworker:4"},
    names={"p-1": "Ann", "p-2": "Bo"},
)


def test_people_are_told_by_their_names_and_strangers_by_their_ids_at_the_target() -> None:
    found = {one.field: (one.value, one.instead) for one in losses([TASK], Entity.TASK, "hq", CARD)}
    assert found == {"assignee": ("Ann", "'Bo' at hq"), "subject": ("p-9", "'coworker:4' at hq")}
