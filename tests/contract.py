"""The laws that every vendor's client obeys. A vendor's test file inherits ``ContractSuite`` and says what it needs.

A vendor that is not reached over HTTP (``Vendor.address`` is False) inherits ``CommonSuite``, which leaves out what
holds of requests, and says in tests of its own what fails where it is, and how.

It gives ``make`` (a client over a sandbox of its own), the ``entity`` fixture's values, and another ``ground`` fixture
where the sandbox has switches that the laws must hold under.
"""

import pytest

from mappings.model import NAME_FIELD, Entity
from sources.errors import Denied, VendorError
from sources.http import ATTEMPTS
from sources.twin import TwinReply, TwinRequest
from sources.vendor import Observed, Probe
from tests.contract_deleting import DeletingLaws, DeletingOverHttp
from tests.contract_ground import Execute, Ground
from tests.contract_probing import ProbingLaws, ProbingOverHttp
from tests.contract_reading import ReadingLaws, ReadingOverHttp
from tests.contract_writing import WritingLaws, WritingOverHttp

__all__ = ["CommonSuite", "ContractSuite", "Ground"]

ODD = (b"", b"null", b"[]", b"[null]", b"7", b'"x"', b"{}", b"NaN", b"\xff", b"[" * 5000, b'{"a":1,"a":2}')
ODD_FIELDS = (
    b'{"code":1000,"departments":{"id":1}}',
    b'{"code":1000,"departments":[null],"id":null,"department":[]}',
    b'{"data":[null],"total_count":"1","next_cursor":[]}',
    b'{"data":[{"id":{}}],"total_count":1,"id":7,"name":null}',
    b'{"Records":[7],"HasNextPage":1,"TotalItems":"x"}',
    b'{"Records":[{"Id":"x"}],"HasNextPage":false,"TotalItems":1}',
    b'{"WasSuccessful":1,"Value":{"Id":true},"Errors":[null]}',
    b'{"WasSuccessful":false,"Errors":7,"Message":{}}',
    b'{"error":"x","code":[],"message":{},"exception":[]}',
    b'{"error":{"code":"x","details":[]},"code":2000,"exception":{"message":7}}',
)


def raised(found: Probe) -> None:
    """Raise what a probe tells, so that it counts like the other calls."""
    if found.fault is not None:
        raise found.fault


class CommonSuite(ReadingLaws, ProbingLaws, WritingLaws, DeletingLaws):
    """The laws that hold wherever the records are."""


class ContractSuite(CommonSuite, ReadingOverHttp, ProbingOverHttp, WritingOverHttp, DeletingOverHttp):
    """All laws; here those of credentials and of answers that make no sense.

    ``denied_calls``: how many requests arrive where a list, a look, a create and a delete have wrong credentials.
    """

    denied_calls = 4

    def test_wrong_credentials_are_denied_and_not_told(self, entity: Entity) -> None:
        ground = self.make(token="tok-of-another")
        (key,) = ground.seed(entity, 1)
        found = ground.read(entity)
        assert isinstance(found.fault, Denied)
        assert found.pages == ()
        texts = [str(found.fault)]
        for attempt in (
            lambda: ground.client.observe(entity, key),
            lambda: ground.client.create(entity, ground.fresh(entity, "Made")),
            lambda: ground.client.delete(entity, Observed(key, {}, {})),
        ):
            with pytest.raises(Denied) as denied:
                attempt()
            texts += [str(denied.value), repr(denied.value)]
        assert not [text for text in texts for secret in ground.secrets if secret in text]
        assert len(ground.held(entity)) == 1
        assert len(ground.twin.log) == self.denied_calls

    @pytest.mark.parametrize("status", [200, 400, 403, 404, 500])
    @pytest.mark.parametrize(
        "form", ["{}", '{{"code":2000,"message":"{}"}}', '{{"error":{{"code":"x","message":"{}"}}}}']
    )
    def test_what_a_vendor_echoes_is_not_told(self, ground: Ground, entity: Entity, status: int, form: str) -> None:
        told = []
        for start in range(0, 50, 3):

            def echo(request: TwinRequest, _execute: Execute, start: int = start) -> TwinReply:
                proof = f"{request.headers.get('authorization', '')} {request.param('email')} {request.param('sign')}"
                return TwinReply(status, form.format("." * start + proof).encode())

            ground.twin.faults.extend([echo] * ATTEMPTS)
            with pytest.raises(VendorError) as raised:
                ground.client.create(entity, ground.fresh(entity, "Made"))
            ground.twin.faults.clear()
            told.append(f"{raised.value} {raised.value!r} {raised.value.__cause__} {raised.value.__context__}")
        pieces = [secret[:6] for secret in ground.secrets]
        assert not [text for text in told for piece in pieces if piece in text]

    @pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 404, 409, 429, 500])
    def test_odd_answers_lead_to_vendor_errors_and_to_nothing_else(
        self, ground: Ground, entity: Entity, status: int
    ) -> None:
        (key,) = ground.seed(entity, 1)
        seen = ground.client.observe(entity, key)
        for body in (*ODD, *ODD_FIELDS):
            for attempt in (
                lambda: list(ground.client.walk(ground.resource(entity))),
                lambda: raised(ground.client.probe(ground.resource(entity))),
                lambda: ground.client.observe(entity, key),
                lambda: ground.client.create(entity, ground.fresh(entity, "Made")),
                lambda: ground.client.change(entity, seen, {NAME_FIELD[entity]: "Renamed"}),
            ):
                ground.client.forget()
                ground.plant(TwinReply(status, body), times=2 * ATTEMPTS)
                with pytest.raises(VendorError):
                    attempt()
                ground.twin.faults.clear()
        assert len(ground.held(entity)) == 1
