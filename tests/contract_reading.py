"""The laws of reading: whole or incomplete, never less than there is."""

import httpx
import pytest

from mappings.model import NAME_FIELD, Entity
from sources.errors import Gone, VendorError
from sources.http import ATTEMPTS
from sources.twin import TwinReply
from tests.contract_ground import HTML, LOST, Ground, Laws, cut, records


class ReadingLaws(Laws):
    """What holds of walks, reads and observations."""

    def test_a_walk_shows_every_record_once_with_its_end_signal(self, ground: Ground, entity: Entity) -> None:
        ids = ground.seed(entity, 7)
        pages = list(ground.client.walk(ground.resource(entity, 3)))
        shown = [row.source_id for page in pages for row in page.rows]
        assert sorted(shown) == sorted(ids)
        assert {page.declared_total for page in pages} <= {None, 7}
        assert [page.ends is None for page in pages] == [True] * (len(pages) - 1) + [False]
        assert ground.read(entity, 3).receipt.complete

    def test_nothing_is_a_complete_read(self, ground: Ground, entity: Entity) -> None:
        found = ground.read(entity)
        assert (found.receipt.complete, records(found)) == (True, {})

    def test_many_small_pages_tell_the_same_as_one(self, ground: Ground, entity: Entity) -> None:
        ground.seed(entity, 7)
        whole = records(ground.read(entity))
        assert len(whole) == 7
        for size in (1, 2, 7):
            assert records(ground.read(entity, size)) == whole

    def test_a_listed_record_is_observed_as_it_was_listed(self, ground: Ground, entity: Entity) -> None:
        ground.seed(entity, 3)
        for key, listed in records(ground.read(entity)).items():
            seen = ground.client.observe(entity, key)
            assert seen.source_id == key
            told = {name: value for name, value in listed.items() if value is not None}  # a list may hold back
            assert {name: seen.record[name] for name in told} == told
            assert seen.values.keys() == ground.resource(entity).fields.keys()

    def test_what_others_wrote_is_seen_after_forgetting(self, ground: Ground, entity: Entity) -> None:
        (key,) = ground.seed(entity, 1)
        ground.client.observe(entity, key)
        ground.rename(entity, key, "Theirs")
        ground.client.forget()
        assert ground.client.observe(entity, key).values[NAME_FIELD[entity]] == "Theirs"

    def test_an_unknown_id_is_gone(self, ground: Ground, entity: Entity) -> None:
        ground.seed(entity, 1)
        for key in (ground.unknown_id, "no-such-id", "0", "-1", "a b", "?x=1", "部"):
            with pytest.raises(Gone):
                ground.client.observe(entity, key)


class ReadingOverHttp(Laws):
    """What holds of reads where requests fail."""

    @pytest.mark.parametrize(
        "reply",
        [TwinReply(500), TwinReply(503, HTML), TwinReply(200, HTML), None],
        ids=["500", "503", "a page", "throttled"],
    )
    def test_a_read_that_fails_at_first_is_asked_again(
        self, ground: Ground, entity: Entity, reply: TwinReply | None
    ) -> None:
        ids = ground.seed(entity, 5)
        ground.plant(reply or ground.throttled, times=2)
        found = ground.read(entity, 2)
        assert (found.receipt.complete, sorted(records(found)), found.receipt.retries) == (True, sorted(ids), 2)

    @pytest.mark.parametrize("after", [0, 1])
    @pytest.mark.parametrize("reply", LOST.values(), ids=LOST.keys())
    def test_a_read_that_keeps_failing_is_incomplete_and_never_an_empty_list(
        self, ground: Ground, entity: Entity, reply: TwinReply, after: int
    ) -> None:
        ground.seed(entity, 5)
        calls_of_a_walk = ground.read(entity, 2).receipt.calls
        ground.plant(reply, times=3 * ATTEMPTS * (calls_of_a_walk + 1), after=min(after, calls_of_a_walk - 1))
        found = ground.read(entity, 2)
        assert not found.receipt.complete
        assert found.receipt.reason
        assert isinstance(found.fault, VendorError)
        assert found.pages == ()

    def test_half_an_answer_is_no_list(self, ground: Ground, entity: Entity) -> None:
        ground.seed(entity, 3)
        ground.twin.faults.extend([cut] * (3 * ATTEMPTS))
        found = ground.read(entity)
        assert (found.receipt.complete, found.pages) == (False, ())

    def test_a_connection_that_breaks_off_while_reading_is_tried_again(self, ground: Ground, entity: Entity) -> None:
        ids = ground.seed(entity, 3)
        ground.plant_break(httpx.ReadError("reset"))
        assert sorted(records(ground.read(entity))) == sorted(ids)
