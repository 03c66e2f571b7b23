"""One believable company, different in each emulated vendor: what the demo and the sandbox start from.

Lanhai (澜海) runs coworking spaces in Shanghai and Lisbon. Udesk holds its tree of departments, four levels deep;
ScalePad holds some of them, flat, one in an old spelling; Nexudus holds help desk departments, teams and tasks.
"""

from datetime import UTC, datetime

from sources.nexudus.sandbox import NexudusTwin
from sources.scalepad.sandbox import ScalePadTwin
from sources.udesk.sandbox import UdeskTwin

TREE: tuple[tuple[str, ...], ...] = (
    ("客户服务中心",),
    ("客户服务中心", "Europe"),
    ("客户服务中心", "Europe", "Support"),
    ("客户服务中心", "Europe", "Support", "Tier 1"),
    ("客户服务中心", "Europe", "Support", "Tier 2"),
    ("客户服务中心", "亚太区"),
    ("客户服务中心", "亚太区", "Support"),
    ("客户服务中心", "亚太区", "中文支持组"),
    ("研发部",),
    ("研发部", "平台工程"),
    ("研发部", "Quality"),
    ("Operations",),
    ("Operations", "Facilities"),
    ("Operations", "Billing"),
    ("市场部",),
)
"""The company's departments as Udesk holds them, each by its path; two are called Support."""


def seed(udesk: UdeskTwin, scalepad: ScalePadTwin, nexudus: NexudusTwin) -> None:
    """Fill the three sandboxes."""
    ids: dict[tuple[str, ...], int] = {}
    for path in TREE:
        ids[path] = udesk.add_department(path[-1], ids.get(path[:-1], 0))
    _seed_scalepad(scalepad)
    _seed_nexudus(nexudus)


def _seed_scalepad(scalepad: ScalePadTwin) -> None:
    scalepad.add_department("quality", "Test devices and release sign-off")  # an old spelling of Quality
    scalepad.add_department("Billing", "Invoices and refunds")
    scalepad.add_department("Europe / Support", "Tickets from Lisbon, Porto and Madrid")
    scalepad.add_department("Legal", "Contracts; only ScalePad knows it")


def _seed_nexudus(nexudus: NexudusTwin) -> None:
    office, finance = (
        nexudus.add_user("Marta Nunes", "marta@example.test"),
        nexudus.add_user("陈晨", "chen@example.test"),
    )
    members = [
        nexudus.add_coworker(name, f"member{number}@example.test")
        for number, name in enumerate(("王小明", "李娜", "Zoë Müller", "João Silva", "Grace Hopper"), 1)
    ]
    nexudus.add_department(Name="Facilities", Description="Rooms, keys and coffee", Managers=[office, finance])
    nexudus.add_department(Name="Billing", Description="Invoices, deposits and refunds", Managers=[finance])
    nexudus.add_department(Name="Front desk", Description="Visitors and post; only Nexudus knows it", Managers=[office])
    nexudus.add_team(Name="深圳创业团队", Description="Six desks, second floor", TeamMembers=members[:2])
    nexudus.add_team(
        Name="Design Guild",
        Description="Monthly show and tell",
        TeamMembers=members[1:5],
        TeamAdministrators=[members[2]],
    )
    nexudus.add_team(Name="Robotics Lab 🤖", TeamMembers=[])
    for number, (title, notes, day, done) in enumerate(_TASKS):
        nexudus.add_task(
            Name=title,
            Notes=notes,
            DueDate=datetime(2026, 3, day, 9, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            Completed=done,
            CoworkerId=members[number % len(members)],
            ResponsibleId=(office, finance)[number % 2],
        )


_TASKS = (
    ("Issue access card", "Second floor, until the end of the contract", 3, True),
    ("Send the deposit invoice", None, 5, False),
    ("安排入驻参观", "周二上午，会说中文的同事", 10, False),
    ("Renew the desk contract", "Ask for twelve months", 20, False),
)
