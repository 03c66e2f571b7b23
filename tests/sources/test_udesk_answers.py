import json
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

import pytest

from sources.clock import Clock
from sources.errors import Denied, Gone, Rejected, Throttled, Unavailable, VendorError
from sources.message import Reply
from sources.udesk.answers import accept
from sources.vendor import Observed
from tests.clock import FakeClock
from tests.sources.udesk_rig import D, bench, refusal


def verdict(
    body: object, status: int = 200, clock: Clock | None = None, headers: Mapping[str, str] | None = None
) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return accept(Reply(status, headers or {}, content), (clock or FakeClock()).now())


def test_success_is_code_1000_as_number_or_text_and_nothing_else() -> None:
    assert verdict({"code": 1000})["code"] == 1000
    assert verdict({"code": "1000"})["code"] == "1000"
    for code in (True, 1000.0, None, [1000], " 1000", "１０００"):
        with pytest.raises(Unavailable):
            verdict({"code": code})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": 0, "message": "ok"}, 200),
        ({"error": "Not Found"}, 404),
        ([], 200),
        (b"", 204),
        (b"<html>", 200),
        (b'{"code":1000', 200),
        ({"code": 1000}, 500),
        ({"code": 1000}, 404),
        (refusal(2000, "Name already in use"), 502),
    ],
)
def test_what_udesks_api_would_not_say_is_no_answer(body: object, status: int) -> None:
    with pytest.raises(Unavailable) as fault:
        verdict(body, status)
    assert "None" not in str(fault.value)


@pytest.mark.parametrize(
    ("text", "kind", "rule"),
    [
        ("Verification failed: Name already in use", Rejected, "name_taken"),
        ("Validation failed: Name has already been taken", Rejected, "name_taken"),
        ("验证失败: 名称已经被使用", Rejected, "name_taken"),
        ("部门名称已存在", Rejected, "name_taken"),
        ("Non-existent parent department with parent_id 9", Rejected, "parent_missing"),
        ("不存在parent_id为9的上级部门", Rejected, "parent_missing"),
        ("The provided parent_id is not a non-negative integer", Rejected, "vendor_rejected"),
        ("提供的parent_id不是非负整数", Rejected, "vendor_rejected"),
        ("The resource was not found", Gone, None),
        ("资源未找到", Gone, None),
        ("该资源不存在", Gone, None),
        ("Requests are too frequent", Throttled, None),
        ("请求过于频繁", Throttled, None),
        ("调用频率超过限制", Throttled, None),
        ("Name is too long (maximum is 255 characters)", Rejected, "vendor_rejected"),
        ("something new", Rejected, "vendor_rejected"),
    ],
)
def test_code_2000_is_told_apart_by_its_text(text: str, kind: type[VendorError], rule: str | None) -> None:
    for status in (200, 400, 422):
        with pytest.raises(kind, match=text[:6]) as caught:
            verdict(refusal(2000, text), status)
        assert getattr(caught.value, "rule", None) == rule


@pytest.mark.parametrize(
    "body",
    [
        {"code": 2000, "message": "Unknown error", "exception": {"message": "Name already in use"}},
        {"code": "2000", "code_message": "Unknown error", "exception": "Name already in use"},
        {"code": 2000, "message": "Unknown error", "exception:message": "Name already in use"},
        {"code": 2000, "message": "Name already in use"},
        {"code": 2000, "code_message": "Name already in use", "exception": None},
    ],
)
def test_the_text_of_an_error_is_found_in_each_of_its_spellings(body: object) -> None:
    with pytest.raises(Rejected, match="Name already in use") as caught:
        verdict(body)
    assert (caught.value.rule, caught.value.field) == ("name_taken", "name")


@pytest.mark.parametrize(
    ("code", "help_text"),
    [
        (2002, "base_url"),
        (2015, "not an administrator"),
        (2058, "plan does not include"),
        (2059, "check email and open_api_token"),
        (20624, "no nonce"),
    ],
)
def test_a_closed_door_is_denied_with_what_to_mend(code: int, help_text: str) -> None:
    with pytest.raises(Denied, match=help_text):
        verdict(refusal(code, "no"))


@pytest.mark.parametrize(
    ("ahead", "text"), [(412, "412 s ahead of Udesk's"), (-412, "412 s behind Udesk's"), (None, "check this machine's")]
)
def test_a_refused_time_says_how_far_the_clock_is_off(ahead: int | None, text: str) -> None:
    clock = FakeClock()
    headers = {} if ahead is None else {"date": format_datetime(clock.now(), usegmt=True)}
    clock.sleep(ahead or 0)
    for code in (20621, 20622):
        with pytest.raises(Denied, match=text):
            verdict(refusal(code, "skew"), clock=clock, headers=headers)


def test_an_unreadable_date_header_does_not_hide_the_refused_time() -> None:
    with pytest.raises(Denied, match="check this machine's clock"):
        verdict(refusal(20622), headers={"date": "yesterday"})


def test_an_echoed_signature_is_masked_in_the_error() -> None:
    with pytest.raises(Rejected) as caught:
        verdict(refusal(2000, "bad sign " + "0a" * 32))
    assert "0a0a" not in str(caught.value)


@pytest.mark.parametrize("switches", [{}, {"error_status": 400}, {"language": "zh"}, {"code_as_text": True}])
def test_the_sandboxs_refusals_are_understood_in_every_form(switches: dict[str, Any]) -> None:
    made = bench(**switches)
    made.twin.add_department("A")
    with pytest.raises(Rejected) as taken:
        made.client.create(D, {"name": "A", "parent_id": None})
    with pytest.raises(Rejected) as orphan:
        made.client.create(D, {"name": "B", "parent_id": "99"})
    assert (taken.value.rule, orphan.value.rule) == ("name_taken", "parent_missing")
    seen = Observed("99", {}, {"parent_id": 0})
    with pytest.raises(Gone):
        made.client.change(D, seen, {"name": "B"})
    assert made.twin.departments == {1: ("A", 0)}


def test_a_named_wait_is_kept_and_a_plain_429_needs_no_body() -> None:
    with pytest.raises(Throttled) as caught:
        verdict(b"slow down", 429, headers={"retry-after": "7"})
    assert caught.value.after == 7.0


def test_an_answer_too_deep_to_parse_is_no_answer() -> None:
    deep = b'{"code":1000,"departments":' + b'[{"id":1,"name":"x","sub_department":' * 50_000 + b"}]" * 50_000 + b"}"
    with pytest.raises(Unavailable, match="not JSON"):
        verdict(deep)
