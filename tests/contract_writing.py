"""The laws of writing: made once or not at all, told as it is, and nothing else touched."""

from dataclasses import replace

import httpx
import pytest

from mappings.model import NAME_FIELD, Entity
from sources.errors import Gone, Rejected, Unknown
from sources.twin import TwinReply
from tests.contract_ground import LOST, Ground, Laws, records

NAMES = (
    "客服部",
    "Équipe 😀 👩‍👩‍👧",
    "e\u0301 is not \u00e9",
    'He said "hi" \\ / it\'s',
    "'; DROP TABLE departments; --",
    "=1+1",
    "a&b=c%20+#?</script>{}[]",
    "x" * 255,
    "部" * 255,
)


class WritingLaws(Laws):
    """What holds of creates and changes."""

    def test_what_is_created_is_observed_as_it_was_written(self, ground: Ground, entity: Entity) -> None:
        ground.seed(entity, 2)
        values = ground.fresh(entity, "Made")
        made = ground.client.create(entity, values)
        ground.client.forget()
        seen = ground.client.observe(entity, made).values
        assert {field: seen[field] for field in values} == values
        assert ground.named(entity, "Made") == [made]
        assert len(ground.held(entity)) == 3

    def test_a_rename_keeps_the_id_and_every_other_field(self, ground: Ground, entity: Entity) -> None:
        ids = ground.seed(entity, 3)
        before = {key: dict(record) for key, record in ground.held(entity).items()}
        ground.client.change(entity, ground.client.observe(entity, ids[1]), {NAME_FIELD[entity]: "New"})
        after = ground.held(entity)
        assert after[ids[1]][ground.name_field(entity)] == "New"
        assert after.keys() == before.keys()
        for key, record in after.items():
            may = {*ground.volatile, ground.name_field(entity)} if key == ids[1] else set()
            assert {name for name in record if record[name] != before[key][name]} <= may

    def test_a_rename_to_the_same_name_is_harmless(self, ground: Ground, entity: Entity) -> None:
        (key,) = ground.seed(entity, 1)
        before = dict(ground.held(entity)[key])
        seen = ground.client.observe(entity, key)
        name = NAME_FIELD[entity]
        ground.client.change(entity, seen, {name: seen.values[name]})
        after = ground.held(entity)
        assert {field for field in before if after[key][field] != before[field]} <= ground.volatile
        assert len(after) == 1

    @pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:24] for name in NAMES])
    def test_a_name_comes_back_letter_by_letter(self, ground: Ground, entity: Entity, name: str) -> None:
        (renamed,) = ground.seed(entity, 1)
        ground.client.change(entity, ground.client.observe(entity, renamed), {NAME_FIELD[entity]: name})
        made = ground.client.create(entity, ground.fresh(entity, f"{name[:-1]}\u6587"))
        ground.client.forget()
        listed = records(ground.read(entity))
        for key, expected in ((renamed, name), (made, f"{name[:-1]}\u6587")):
            assert ground.client.observe(entity, key).values[NAME_FIELD[entity]] == expected
            assert listed[key][ground.name_field(entity)] == expected

    def test_a_refused_create_makes_nothing(self, ground: Ground, entity: Entity) -> None:
        ground.seed(entity, 1)
        with pytest.raises(Rejected) as refusal:
            ground.client.create(entity, {**ground.fresh(entity, "x"), NAME_FIELD[entity]: ""})
        assert refusal.value.rule
        assert len(ground.held(entity)) == 1
        assert len(ground.sent()) == ground.over_http

    def test_a_change_of_a_record_that_went_is_gone(self, ground: Ground, entity: Entity) -> None:
        (key,) = ground.seed(entity, 1)
        seen = replace(ground.client.observe(entity, key), source_id=ground.unknown_id)
        if "Id" in seen.record:
            seen = replace(seen, record={**seen.record, "Id": int(ground.unknown_id)})
        with pytest.raises(Gone):
            ground.client.change(entity, seen, {NAME_FIELD[entity]: "New"})
        assert ground.named(entity, "New") == []


class WritingOverHttp(Laws):
    """What holds of creates and changes where requests fail."""

    @pytest.mark.parametrize("effect", [True, False], ids=["after the effect", "before it"])
    @pytest.mark.parametrize("reply", LOST.values(), ids=LOST.keys())
    def test_a_write_whose_answer_is_lost_is_unknown_and_not_sent_again(
        self, ground: Ground, entity: Entity, reply: TwinReply, *, effect: bool
    ) -> None:
        (key,) = ground.seed(entity, 1)
        seen = ground.client.observe(entity, key)
        ground.plant(reply, effect=effect)
        with pytest.raises(Unknown):
            ground.client.create(entity, ground.fresh(entity, "Made"))
        ground.plant(reply, effect=effect)
        with pytest.raises(Unknown):
            ground.client.change(entity, seen, {NAME_FIELD[entity]: "Renamed"})
        assert len(ground.named(entity, "Made")) == int(effect)
        assert ground.named(entity, "Renamed") == [key] * effect
        assert len(ground.twin.writes()) == 2

    @pytest.mark.parametrize("effect", [True, False], ids=["after the effect", "before it"])
    @pytest.mark.parametrize(
        "broken", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError]
    )
    def test_a_write_whose_connection_breaks_is_unknown_and_not_sent_again(
        self, ground: Ground, entity: Entity, broken: type[httpx.HTTPError], *, effect: bool
    ) -> None:
        ground.plant_break(broken("broken"), effect=effect)
        with pytest.raises(Unknown):
            ground.client.create(entity, ground.fresh(entity, "Made"))
        assert len(ground.named(entity, "Made")) == int(effect)
        assert not ground.twin.faults

    def test_a_lost_write_is_told_by_what_is_observed_next(self, ground: Ground, entity: Entity) -> None:
        (key,) = ground.seed(entity, 1)
        seen = ground.client.observe(entity, key)
        ground.plant(TwinReply(500), effect=True)
        with pytest.raises(Unknown):
            ground.client.change(entity, seen, {NAME_FIELD[entity]: "Renamed"})
        assert ground.client.observe(entity, key).values[NAME_FIELD[entity]] == "Renamed"

    def test_a_write_that_never_left_is_sent_again_and_made_once(self, ground: Ground, entity: Entity) -> None:
        ground.plant_break(httpx.ConnectError("refused"), times=2)
        made = ground.client.create(entity, ground.fresh(entity, "Made"))
        assert ground.named(entity, "Made") == [made]

    def test_a_throttled_write_is_sent_again_and_made_once(self, ground: Ground, entity: Entity) -> None:
        ground.plant(ground.throttled)
        made = ground.client.create(entity, ground.fresh(entity, "Made"))
        assert ground.named(entity, "Made") == [made]
        assert ground.client.wire.retries == 1
        assert sum(ground.clock.slept) >= 1
