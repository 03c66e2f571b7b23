"""Udesk: every row of the documented table of errors, in both languages, and what its intro says of time and nonces."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from mappings.model import Entity
from sources.message import Call
from sources.udesk.client import UdeskClient
from sources.udesk.sandbox import UdeskTwin
from sources.vendor import Observed
from tests.clock import FakeClock
from tests.scenarios.stage import Failure, Scenes, Stage, failed, read_all
from tests.scenarios.udesk import PATH, company, send

D = Entity.DEPARTMENT
SCENES = Scenes("udesk")
TAKEN = Failure("Rejected", "name_taken", "name", "code 2000")
NO_PARENT = Failure("Rejected", "parent_missing", "parent_id", "2000")
MALFORMED = Failure("Rejected", "vendor_rejected", "parent_id", "2000")
GONE = Failure("Gone", says="code 2000")
chinese = partial(company, language="zh")


def create(stage: Stage, name: str, parent: str | None = None) -> Failure | None:
    """How a create failed."""
    return failed(lambda: stage.client.create(D, {"name": name, "parent_id": parent}), "2000")


def refuse_name(stage: Stage) -> object:
    return failed(lambda: stage.client.create(D, {"name": "Department 2", "parent_id": "1"}), "code 2000")


def refuse_edit(stage: Stage) -> object:
    seen = Observed("404", {"name": "X", "parent_id": None}, {"id": 404, "name": "X", "parent_id": 0})
    return failed(lambda: stage.client.change(D, seen, {"name": "Y"}), "code 2000")


@SCENES.add(company, calls=1, seen=TAKEN)
def refused_name_taken(stage: Stage) -> object:
    """A name that is used elsewhere in the tree is refused."""
    return refuse_name(stage)


@SCENES.add(chinese, calls=1, seen=TAKEN)
def refused_name_taken_zh(stage: Stage) -> object:
    """The same in Chinese."""
    return refuse_name(stage)


@SCENES.add(partial(company, error_status=422), calls=1, seen=TAKEN)
def refused_name_taken_422(stage: Stage) -> object:
    """The same with an HTTP status of its own: the code decides."""
    return refuse_name(stage)


@SCENES.add(company, calls=2, seen=TAKEN)
def refused_rename_taken(stage: Stage) -> object:
    """A rename to a used name is refused."""
    seen = stage.client.observe(D, "3")
    return failed(lambda: stage.client.change(D, seen, {"name": "Department 2"}), "code 2000")


@SCENES.add(company, calls=1, seen=NO_PARENT)
def refused_parent_missing(stage: Stage) -> object:
    """A parent that does not exist is refused."""
    return create(stage, "A", "404")


@SCENES.add(chinese, calls=1, seen=NO_PARENT)
def refused_parent_missing_zh(stage: Stage) -> object:
    """The same in Chinese: its text holds the words of "not found" too."""
    return create(stage, "A", "404")


@SCENES.add(company, calls=1, seen=MALFORMED)
def refused_parent_negative(stage: Stage) -> object:
    """A negative parent_id is refused for its format."""
    return create(stage, "A", "-1")


@SCENES.add(chinese, calls=1, seen=MALFORMED)
def refused_parent_text_zh(stage: Stage) -> object:
    """A parent_id that is no number is refused for its format, in Chinese."""
    return failed(lambda: send(stage, Call("POST", PATH, body={"name": "A", "parent_id": "x"})), "2000")


@SCENES.add(company, calls=1, seen=GONE)
def refused_edit_not_found(stage: Stage) -> object:
    """Editing a department that is not there tells that it is gone."""
    return refuse_edit(stage)


@SCENES.add(chinese, calls=1, seen=GONE)
def refused_edit_not_found_zh(stage: Stage) -> object:
    """The same in Chinese."""
    return refuse_edit(stage)


@SCENES.add(company, calls=1, seen=GONE)
def refused_edit_id_malformed(stage: Stage) -> object:
    """An id that is no number is answered as one that is not there."""
    return failed(lambda: send(stage, Call("PUT", f"{PATH}/x", body={"name": "A"})), "code 2000")


@SCENES.add(company, calls=2, seen=(Failure("Rejected", "vendor_rejected"),) * 2)
def refused_name_missing(stage: Stage) -> object:
    """A create without a name, or with an empty one, is refused."""
    empty = failed(lambda: stage.client.create(D, {"name": ""}), "")
    return empty, failed(lambda: send(stage, Call("POST", PATH, body={"parent_id": 1})), "")


@SCENES.add(company, calls=2, seen=("12", Failure("Rejected", "vendor_rejected", None, "2000")))
def name_of_255_and_256(stage: Stage) -> object:
    """255 characters are a name, 256 are not: characters count, not bytes."""
    return stage.client.create(D, {"name": "部" * 255}), create(stage, "门" * 256)


@SCENES.add(partial(company, admins=()), calls=2, seen=(Failure("Denied", says="code 2015"),) * 2)
def refused_2015(stage: Stage) -> object:
    """An e-mail that is no administrator's ends the connection's work, reads and writes alike."""
    told = "code 2015"
    return failed(lambda: stage.client.observe(D, "1"), told), failed(
        lambda: stage.client.create(D, {"name": "A"}), told
    )


@SCENES.add(partial(company, token="tok-of-another"), calls=1, seen=(False, True, ()))
def refused_2059(stage: Stage) -> object:
    """A wrong signature is not an empty list: the read is incomplete, and its reason names the credentials."""
    found = read_all(stage, "udesk", D)
    return found.receipt.complete, "open_api_token" in str(found.receipt.reason), found.pages


def late(clock: FakeClock) -> UdeskTwin:
    """A tenant whose clock is six minutes ahead of ours."""
    return company(clock, now=lambda: clock.now() + timedelta(minutes=6))


@SCENES.add(late, calls=1, seen=Failure("Denied", says="check this machine's clock"))
def refused_20622(stage: Stage) -> object:
    """A clock that is off by more than five minutes is named as such, and nothing is tried again."""
    return failed(lambda: stage.client.create(D, {"name": "A"}), "check this machine's clock")


def repeat(stage: Stage, *nonces: str) -> None:
    """Let the client sign its next calls with these nonces."""
    given: Iterator[str] = iter(nonces)
    assert isinstance(stage.client, UdeskClient)
    stage.client._auth = replace(stage.client._auth, nonce=lambda: next(given))


@SCENES.add(company, calls=3, seen=("1", "1"))
def nonce_used_read(stage: Stage) -> object:
    """A read that is refused for its nonce is asked again with a new one."""
    repeat(stage, "once", "once", "twice")
    first = stage.client.observe(D, "1").source_id
    stage.client.forget()
    return first, stage.client.observe(D, "1").source_id


@SCENES.add(company, calls=3, seen=("Unknown", 5))
def nonce_used_write(stage: Stage) -> object:
    """A create that is refused for its nonce may be one that arrived before: it is unknown, and not sent again."""
    repeat(stage, "once", "once", "twice")
    stage.client.observe(D, "1")
    lost = failed(lambda: stage.client.create(D, {"name": "A"}))
    return lost.kind if lost else None, read_all(stage, "udesk", D).receipt.distinct
