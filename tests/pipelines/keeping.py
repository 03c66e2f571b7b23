"""Where many tests begin: made by its commands once in each worker, and copied from then on.

A test that begins with a company in step would spend more time on getting there than on what it tells.
"""

import copy
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

from pipelines import verbs
from state.publish import publish
from tests.pipelines.rig import Office

P = ParamSpec("P")
ACCOUNTS = "CONNECTIONS__"  # what the environment tells of them


@dataclass(frozen=True, slots=True)
class Kept:
    """An office as it stood: its folder, and copies of its vendors and clock."""

    folder: Path
    vendors: Any
    twins: Any
    clock: Any
    environ: dict[str, str]

    @classmethod
    def of(cls, office: Office) -> "Kept":
        folder = Path(tempfile.mkdtemp(prefix="kept-", dir=office.folder.parent)) / "office"  # pytest clears it away
        shutil.copytree(office.folder, folder)
        environ = {key: value for key, value in os.environ.items() if key.startswith(ACCOUNTS)}
        vendors, twins, clock = _copied(office.vendors, office.twins, office.clock)
        return cls(folder, vendors, twins, clock, environ)

    def put_into(self, office: Office) -> None:
        """Let an office be as the one that was kept; its clock stays the one that everybody looks at."""
        shutil.rmtree(office.folder)
        shutil.copytree(self.folder, office.folder)
        vendors, twins, clock = _copied(self.vendors, self.twins, self.clock, office.clock)
        vars(office.clock).update({name: vars(clock)[name] for name in ("_now", "_ahead")})
        office.vendors = vendors
        office.twins.clear()
        office.twins.update(twins)
        os.environ.update(self.environ)


_KEPT: dict[tuple[Callable[..., Office], bool], Kept] = {}


def kept(make: Callable[P, Office]) -> Callable[P, Office]:
    """A fixture that brings an office somewhere, once in each worker (and once more where nothing is published)."""

    @wraps(make)
    def there(*args: P.args, **kwargs: P.kwargs) -> Office:
        [office] = (one for one in (*args, *kwargs.values()) if isinstance(one, Office))
        key = (make, vars(verbs)["publish"] is publish)
        if key in _KEPT:
            _KEPT[key].put_into(office)
        else:
            _KEPT[key] = Kept.of(make(*args, **kwargs))
        return office

    return there


def _copied(vendors: Any, twins: Any, clock: Any, instead: Any = None) -> Any:
    """Copies that know each other; locks are new ones, and ``instead`` stands for the clock where it is given."""
    locks = {id(twin._lock): threading.RLock() for twin in twins.values()}
    told = copy.copy(clock)
    memo: dict[int, Any] = {**locks, id(clock): instead or told}
    return (*copy.deepcopy((vendors, twins), memo), told)
