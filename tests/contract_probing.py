"""The laws of probing: two calls at most, nothing raised, nothing written, the fault told."""

import pytest

from mappings.model import Entity
from sources.errors import Denied, VendorError
from sources.http import ATTEMPTS
from sources.twin import TwinReply
from sources.vendor import Probe
from tests.contract_ground import LOST, Ground, Laws


class ProbingLaws(Laws):
    """What holds of ``probe``."""

    def test_a_probe_counts_the_records_and_reads_one_of_them(self, ground: Ground, entity: Entity) -> None:
        ground.seed(entity, 3)
        before = ground.client.wire.calls
        found = ground.client.probe(ground.resource(entity))
        assert found == Probe(listed=True, read=found.read, records=found.records)
        assert found.records in (3, None)
        assert (found.read, ground.client.wire.calls - before) in ((True, 2), (None, 1))
        assert ground.sent() == ()

    def test_a_probe_where_nothing_is_has_nothing_to_read(self, ground: Ground, entity: Entity) -> None:
        before = ground.client.wire.calls
        found = ground.client.probe(ground.resource(entity))
        assert found in (Probe(listed=True, records=0), Probe(listed=True))
        assert ground.client.wire.calls == before + 1


class ProbingOverHttp(Laws):
    """What holds of ``probe`` where requests fail."""

    def test_a_probe_with_wrong_credentials_tells_them(self, entity: Entity) -> None:
        ground = self.make(token="tok-of-another")
        ground.seed(entity, 1)
        found = ground.client.probe(ground.resource(entity))
        assert (found.listed, found.read, found.records) == (False, None, None)
        assert isinstance(found.fault, Denied)
        assert found.fault.credentials is False or found.missing_role
        assert not [secret for secret in ground.secrets if secret in str(found.fault)]
        assert ground.client.wire.calls <= 2  # with a sign-in that tells a wrong password from a missing role

    @pytest.mark.parametrize("reply", [*LOST.values(), TwinReply(302), TwinReply(429)], ids=[*LOST, "302", "429"])
    def test_a_probe_without_a_usable_answer_tells_the_fault_and_raises_nothing(
        self, ground: Ground, entity: Entity, reply: TwinReply
    ) -> None:
        ground.seed(entity, 1)
        ground.plant(reply, times=ATTEMPTS)
        found = ground.client.probe(ground.resource(entity))
        assert found == Probe(listed=False, fault=found.fault)
        assert isinstance(found.fault, VendorError)

    @pytest.mark.parametrize("status", [401, 403, 500])
    def test_a_probe_that_may_list_and_not_read_tells_both(self, ground: Ground, entity: Entity, status: int) -> None:
        ground.seed(entity, 1)
        ground.plant(TwinReply(status), times=ATTEMPTS, after=1)
        before = ground.client.wire.calls
        found = ground.client.probe(ground.resource(entity))
        if found.read is None:  # the vendor has no read by id
            assert (found.listed, found.fault, ground.client.wire.calls) == (True, None, before + 1)
        else:
            assert (found.listed, found.read) == (True, False)
            assert isinstance(found.fault, VendorError)

    def test_every_answer_tells_how_our_clock_stands_to_the_vendors(self, ground: Ground, entity: Entity) -> None:
        ground.client.probe(ground.resource(entity))
        now = ground.clock.now()
        told = {"Sun, 01 Mar 2026 08:01:30 GMT": -90, "Sun, 01 Mar 2026 07:00:00 GMT": 3599}
        assert f"{now:%H:%M:%S}" == "08:00:00"
        for date, ahead in told.items():
            ground.plant(TwinReply(302, b"", {"Date": date}))
            ground.client.probe(ground.resource(entity))
            assert ground.client.wire.ahead == ahead
        ground.plant(TwinReply(302, b"", {"Date": "yesterday"}))
        ground.client.probe(ground.resource(entity))
        assert (ground.client.wire.ahead, ground.client.wire.answers) == (3599, ground.client.wire.calls)
