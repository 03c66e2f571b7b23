"""The laws of deleting: the one record and no other, told as it is, never sent again in hope."""

from dataclasses import replace

import httpx
import pytest

from mappings.model import NAME_FIELD, Entity, Op
from sources.errors import Gone, Rejected, Unknown, VendorError
from sources.twin import TwinReply
from sources.vendor import Observed
from tests.contract_ground import LOST, Ground, Laws, records

ODD = (b"", b"null", b"[]", b"7", b'"deleted"', b"{}", b'{"code":1000}', b'{"WasSuccessful":1}', b"<html>", b"\xff")


def look(ground: Ground, entity: Entity, key: str) -> Observed:
    """A record as it stands, asked anew."""
    ground.client.forget()
    return ground.client.observe(entity, key)


class DeletingLaws(Laws):
    """What holds of deletes. The record that ``seed`` makes last stands above no other."""

    def test_a_deleted_record_is_gone_and_every_other_stays_as_it_was(self, ground: Ground, entity: Entity) -> None:
        *others, last = ground.seed(entity, 4)
        before = {key: dict(record) for key, record in ground.held(entity).items()}
        ground.client.delete(entity, look(ground, entity, last))
        assert ground.held(entity) == {key: before[key] for key in others}
        with pytest.raises(Gone):
            ground.client.observe(entity, last)
        found = ground.read(entity)
        assert (found.receipt.complete, sorted(records(found))) == (True, sorted(others))
        assert ground.sent() == ("DELETE",) * ground.over_http

    def test_a_record_that_was_deleted_before_is_gone(self, ground: Ground, entity: Entity) -> None:
        *others, last = ground.seed(entity, 2)
        seen = look(ground, entity, last)
        ground.client.delete(entity, seen)
        with pytest.raises(Gone):
            ground.client.delete(entity, seen)
        assert list(ground.held(entity)) == others

    def test_a_delete_of_an_unknown_id_is_gone_and_deletes_nothing(self, ground: Ground, entity: Entity) -> None:
        (key,) = ground.seed(entity, 1)
        seen = look(ground, entity, key)
        for other in (ground.unknown_id, "no-such-id", "0", "-1", "a b", "?x=1", "部"):
            with pytest.raises(Gone):
                ground.client.delete(entity, replace(seen, source_id=other))
        assert list(ground.held(entity)) == [key]

    def test_a_record_above_others_is_deleted_after_them_and_not_before(self, ground: Ground, entity: Entity) -> None:
        ids = ground.seed(entity, 4)
        tree = "parent_id" in ground.resource(entity).fields
        if tree:
            with pytest.raises(Rejected) as refusal:
                ground.client.delete(entity, look(ground, entity, ids[0]))
            assert (refusal.value.rule, ground.sent()) == ("not_empty", ())
            assert sorted(ground.held(entity)) == sorted(ids)
        for key in reversed(ids):
            ground.client.delete(entity, look(ground, entity, key))
        assert ground.held(entity) == {}

    def test_the_price_of_a_delete_on_the_card_is_what_it_costs_on_the_wire(
        self, ground: Ground, entity: Entity
    ) -> None:
        *_, last = ground.seed(entity, 2)
        ground.client.observe(entity, last)  # where there is no read by id, one list serves many
        before = ground.client.wire.calls
        ground.client.delete(entity, ground.client.observe(entity, last))
        cost = ground.vendor.card(ground.options).entities[entity].costs[Op.DELETE]
        assert ground.client.wire.calls - before == cost.reads + cost.writes

    def test_the_name_of_a_deleted_record_is_free_again(self, ground: Ground, entity: Entity) -> None:
        first, last = ground.seed(entity, 2)
        seen = look(ground, entity, last)
        name = NAME_FIELD[entity]
        ground.client.delete(entity, seen)
        ground.client.change(entity, look(ground, entity, first), {name: seen.values[name]})
        assert ground.named(entity, str(seen.values[name])) == [first]


class DeletingOverHttp(Laws):
    """What holds of deletes where requests fail."""

    @pytest.mark.parametrize("effect", [True, False], ids=["after the effect", "before it"])
    @pytest.mark.parametrize("reply", LOST.values(), ids=LOST.keys())
    def test_a_delete_whose_answer_is_lost_is_unknown_and_not_sent_again(
        self, ground: Ground, entity: Entity, reply: TwinReply, *, effect: bool
    ) -> None:
        (key,) = ground.seed(entity, 1)
        seen = look(ground, entity, key)
        ground.plant(reply, effect=effect, after=self.reads_before_delete)
        with pytest.raises(Unknown):
            ground.client.delete(entity, seen)
        assert ground.sent() == ("DELETE",)
        assert len(ground.held(entity)) == int(not effect)

    @pytest.mark.parametrize("effect", [True, False], ids=["after the effect", "before it"])
    @pytest.mark.parametrize("broken", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError])
    def test_a_delete_whose_connection_breaks_is_unknown_and_not_sent_again(
        self, ground: Ground, entity: Entity, broken: type[httpx.HTTPError], *, effect: bool
    ) -> None:
        (key,) = ground.seed(entity, 1)
        seen = look(ground, entity, key)
        ground.twin.faults.extend([lambda _request, _execute: None] * self.reads_before_delete)
        ground.plant_break(broken("broken"), effect=effect)
        with pytest.raises(Unknown):
            ground.client.delete(entity, seen)
        assert len(ground.held(entity)) == int(not effect)
        assert not ground.twin.faults

    @pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 404, 409, 429, 500])
    def test_an_odd_answer_to_a_delete_is_not_taken_for_done(self, ground: Ground, entity: Entity, status: int) -> None:
        (key,) = ground.seed(entity, 1)
        for body in ODD:
            if ground.emptied and (status, body) == (204, b""):
                continue
            seen = look(ground, entity, key)
            ground.plant(TwinReply(status, body), times=20, after=self.reads_before_delete)
            with pytest.raises(VendorError):
                ground.client.delete(entity, seen)
            ground.twin.faults.clear()
        assert list(ground.held(entity)) == [key]

    def test_a_throttled_delete_is_sent_again_and_done_once(self, ground: Ground, entity: Entity) -> None:
        *others, last = ground.seed(entity, 2)
        seen = look(ground, entity, last)
        ground.plant(ground.throttled, after=self.reads_before_delete)
        ground.client.delete(entity, seen)
        assert list(ground.held(entity)) == others
        assert (ground.client.wire.retries, ground.sent()) == (1, ("DELETE",) * 2)
