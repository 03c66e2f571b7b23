"""Udesk's department calls as a small in-process app. Source: Udesk's pages "intro", "departments" and "agents".

Documented: paths, fields, signature, code numbers, the English texts of the department errors, the success bodies, that
PUT ignores ``parent_id`` and that names are unique. Invented, since no document says it: the order of the checks, that
a nonce is used up by a request that fails later, all Chinese texts, the answer when throttled, how far names are unique
and that they are compared letter by letter, the answers to a blank or too long name, deleting a department that is not
a leaf or has agents, ids that go up by one, and HTTP 404 for other paths.
"""

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Literal

from sources.twin import FaultyTwin, Now, TwinReply, TwinRequest, system_now
from sources.udesk.sandbox_agents import PATH as AGENTS
from sources.udesk.sandbox_agents import Agents, Form
from sources.udesk.sandbox_texts import TEXTS

ROOT = "/open_api_v1"
DEEPEST = 8  # levels listed as subtrees: the answer doubles with each
SKEW = 300  # seconds, as is the next
NONCE_LIFE = 15 * 60
NAME_MAX = 255


class _Refused(Exception):
    def __init__(self, code: int, text: str, *details: object) -> None:
        super().__init__(text)
        self.code, self.text, self.details = code, text, details


class UdeskTwin(FaultyTwin):
    """One tenant. ``listing``: "tree" (each id once) or "subtree" (an array holds all descendants, as in the sample).

    ``error_status``: the HTTP status of refusals. ``throttle``: how a call over ``limit_per_minute`` is refused.
    ``admins``: the e-mails that are administrators', by default ``email`` alone. ``agent_departments``: how an agent's
    departments are shown. ``agents.add`` puts agents there.
    """

    def __init__(
        self,
        *,
        email: str = "admin@example.test",
        token: str = "tok-000",  # noqa: S107 - made up
        password: str = "pass-000",  # noqa: S107 - made up
        now: Now = system_now,
        listing: Literal["tree", "subtree"] = "tree",
        name_scope: Literal["company", "parent"] = "company",
        on_delete_nonempty: Literal["refuse", "cascade", "orphan"] = "refuse",
        error_status: int = 200,
        throttle: Literal["429", "2000"] = "429",
        limit_per_minute: int | None = None,
        legacy_v1: bool = False,
        language: Literal["en", "zh"] = "en",
        code_as_text: bool = False,
        admins: Collection[str] | None = None,
        agent_departments: Form = "list",
    ) -> None:
        super().__init__(now)
        self.agents = Agents(agent_departments)
        self._email, self._token, self._password = email, token, password
        self._listing, self._scope, self._on_delete = listing, name_scope, on_delete_nonempty
        self._error_status, self._throttle, self._limit = error_status, throttle, limit_per_minute
        self._legacy, self._language, self._code_as_text = legacy_v1, language, code_as_text
        self._admins = {email} if admins is None else set(admins)
        self._departments: dict[int, tuple[str, int]] = {}
        self._once_named: defaultdict[str, set[int]] = defaultdict(set)  # name → ids that bear or bore it
        self._last = 0
        self._nonces: dict[str, float] = {}
        self._calls: deque[float] = deque()

    @property
    def departments(self) -> dict[int, tuple[str, int]]:
        """What is there: id → (name, parent id, 0 at the top)."""
        return dict(self._departments)

    def add_department(self, name: str, parent_id: int = 0, *, id: int | None = None) -> int:  # noqa: A002 - its name at Udesk
        """Put a department there without any check, as if somebody had made it in the console."""
        new = self._last + 1 if id is None else id
        self._last = max(self._last, new)
        self._departments[new] = (name, parent_id)
        self._once_named[name].add(new)
        return new

    def rename(self, department_id: int, name: str) -> None:
        """Rename a department as if somebody had done so in the console."""
        self._departments[department_id] = (name, self._departments[department_id][1])
        self._once_named[name].add(department_id)

    def answer(self, request: TwinRequest) -> TwinReply:
        """Answer a request by Udesk's contract."""
        try:
            self._count_call()
            if (request.method, request.path) == ("POST", f"{ROOT}/log_in"):
                return self._reply(200, 1000, self._log_in(request))
            self._authenticate(request)
            action = self._route(request)
            if action is None:
                return TwinReply.of(404, {"status": 404, "error": "Not Found"})
            return self._reply(200, 1000, action())
        except _Refused as refused:
            return self._refusal(refused)

    def _reply(self, status: int, code: int, body: Mapping[str, Any]) -> TwinReply:
        shown = {"code": str(code) if self._code_as_text else code, **body}
        return TwinReply.of(status, shown)

    def _refusal(self, refused: _Refused) -> TwinReply:
        specific = self._text(refused.text, *refused.details)
        generic = self._text("unknown") if refused.code == 2000 else specific
        status = 429 if refused.text == "throttle" and self._throttle == "429" else self._error_status
        return self._reply(status, refused.code, {"message": generic, "exception": {"message": specific}})

    def _text(self, key: str, *details: object) -> str:
        return TEXTS[key][self._language == "zh"].format(*details)

    def _count_call(self) -> None:
        now = self._now().timestamp()
        while self._calls and self._calls[0] <= now - 60:
            self._calls.popleft()
        if self._limit is not None and len(self._calls) >= self._limit:
            raise _Refused(2000, "throttle", self._limit)
        self._calls.append(now)

    def _log_in(self, request: TwinRequest) -> dict[str, Any]:
        if request.json() != {"email": self._email, "password": self._password}:
            raise _Refused(2005, "password")
        return {"open_api_auth_token": self._token}

    def _authenticate(self, request: TwinRequest) -> None:
        now = self._now().timestamp()
        timestamp = request.param("timestamp")
        if not (len(timestamp) == 10 and timestamp.isascii() and timestamp.isdigit()):
            raise _Refused(20621, "timestamp")
        if abs(now - int(timestamp)) > SKEW:
            raise _Refused(20622, "skew")
        email, nonce, version = (request.param(name) for name in ("email", "nonce", "sign_version"))
        legacy = self._legacy and not nonce and not version
        if not legacy:
            self._use_nonce(nonce, now)
        parts = (email, self._token, timestamp) if legacy else (email, self._token, timestamp, nonce, "v2")
        digest = hashlib.new("sha1" if legacy else "sha256", "&".join(parts).encode()).hexdigest()
        if request.param("sign") != digest or (not legacy and version != "v2"):
            raise _Refused(2059, "sign")
        if email not in self._admins:
            raise _Refused(2015, "admin")

    def _use_nonce(self, nonce: str, now: float) -> None:
        if not nonce:
            raise _Refused(20624, "nonce missing")
        self._nonces = {old: used for old, used in self._nonces.items() if now - used <= NONCE_LIFE}
        if nonce in self._nonces:
            raise _Refused(20623, "nonce used")
        self._nonces[nonce] = now

    def _route(self, request: TwinRequest) -> Callable[[], dict[str, Any]] | None:
        if (request.method, request.path) == ("GET", AGENTS):
            return lambda: self.agents.page(request, {key: name for key, (name, _) in self._departments.items()})
        path = request.path.removeprefix(f"{ROOT}/departments")
        if path == request.path:
            return None
        body = found if isinstance(found := request.json(), dict) else {}
        routes = {
            ("GET", False): self._list,
            ("POST", False): lambda: self._create(body),
            ("PUT", True): lambda: self._edit(self._find(path[1:]), body),
            ("DELETE", True): lambda: self._delete(self._find(path[1:])),
        }
        return routes.get((request.method, path.startswith("/")))

    def _find(self, text: str) -> int:
        found = int(text) if text.isascii() and text.isdigit() else 0
        if found not in self._departments:
            raise _Refused(2000, "absent")
        return found

    def _list(self) -> dict[str, Any]:
        nodes: dict[int, dict[str, Any]] = {
            key: {"id": key, "name": name, "sub_department": []} for key, (name, _) in sorted(self._departments.items())
        }
        above = {key: list(self._above(key)) for key in nodes}
        plain = self._listing == "tree" or max(map(len, above.values()), default=0) >= DEEPEST
        for key, node in nodes.items():
            for ancestor in above[key][:1] if plain else above[key]:
                nodes[ancestor]["sub_department"].append(node)
        return {"departments": [node for key, node in nodes.items() if not self._departments[key][1]]}

    def _above(self, key: int) -> Iterator[int]:
        while key := self._departments[key][1]:
            yield key

    def _create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        parent = self._parent(body.get("parent_id"))
        return {"id": self.add_department(self._name(body.get("name"), parent), parent)}

    def _parent(self, value: object) -> int:
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if value is not None and (type(value) is not int or value < 0):
            raise _Refused(2000, "format")
        if value and value not in self._departments:
            raise _Refused(2000, "parent", value)
        return value or 0

    def _name(self, name: object, parent: int, own: int | None = None) -> str:
        if not isinstance(name, str) or name == "":
            raise _Refused(2000, "missing")
        if not name.strip():
            raise _Refused(2000, "blank")
        if len(name) > NAME_MAX:
            raise _Refused(2000, "long")
        for key in self._once_named[name] - {own}:
            taken, above = self._departments.get(key, ("", 0))
            if taken == name and (self._scope == "company" or above == parent):
                raise _Refused(2000, "taken")
        return name

    def _edit(self, key: int, body: Mapping[str, Any]) -> dict[str, Any]:
        parent = self._departments[key][1]
        self.rename(key, self._name(body.get("name"), parent, own=key))
        return {"department": {"id": key, "name": self._departments[key][0], "parent_id": parent}}

    def _delete(self, key: int) -> dict[str, Any]:
        below = [other for other in self._departments if key in self._above(other)]
        if (below or self.agents.of(key)) and self._on_delete == "refuse":
            raise _Refused(2000, "nonempty")
        self.agents.leave(key)
        for other in below:
            if self._on_delete == "cascade":
                self.agents.leave(other)
                del self._departments[other]
            elif self._departments[other][1] == key:
                self._departments[other] = (self._departments[other][0], 0)
        del self._departments[key]
        return {"message": self._text("deleted", key)}
