"""A folder of files, declared: its kinds and their columns, its options, and what it can hold."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.card import Card, Cost, EntityCard, NameScope, Pace
from mappings.model import NAME_FIELD, Entity, Op
from sources.secret import Scrubber
from sources.vendor import Client, Connection, Resource, Vendor

if TYPE_CHECKING:  # commands that only look at cards never load the wire
    from sources.http import Wire

Options = Mapping[str, str | int]

ENCODINGS: Mapping[str, str] = {"utf-8": "utf-8", "gb18030": "gb18030", "windows-1252": "cp1252"}
"""The option's words, and Python's."""

DELIMITERS = (",", ";", "\t", "|")
FINAL_NEWLINE = ("required", "optional")
FORMATS = (".csv", ".txt", ".tsv", ".parquet")
LARGEST = 512 * 2**20  # bytes of a file; the whole of it is held in memory

NO_MOVE = (
    "vendor_cannot_move",
    "no column of the file holds a department's parent: where one does, name it by departments_parent_id",
)
NO_DEACTIVATE = (
    "vendor_cannot_deactivate",
    'no column of the file switches a record off: on_missing = "delete" takes its row away, "keep" leaves it',
)


def _resource(entity: Entity, *fields: str) -> Resource:
    """A file. Whatever its columns are called, its records bear orgweave's names (``fields``) and an ``id``."""
    return Resource(
        name=f"{entity}s",
        entity=entity,
        path="",
        id_field="id",
        page_size=1,  # a file is one page, however many rows it has
        fields={field: field for field in fields},
        made=frozenset({"id"}),
    )


RESOURCES = (
    _resource(Entity.DEPARTMENT, "name", "parent_id", "description"),
    _resource(Entity.TEAM, "name", "description"),
    _resource(Entity.TASK, "title", "notes", "completed", "due_at"),
)


def columns(resource: Resource, options: Options) -> dict[str, str]:
    """Field → the header of its column. The id and the name have one in any case, the others where one is named.

    A field without a column is not carried: unknown is not empty.
    """
    given = {field: str(options.get(f"{resource.name}_{field}", "")) for field in ("id", *resource.fields)}
    always = ("id", NAME_FIELD[resource.entity])
    return {field: header or field for field, header in given.items() if header or field in always}


def resources(options: Options) -> tuple[Resource, ...]:
    """The files that a connection names, each with the fields that it has a column for."""
    return tuple(
        replace(
            one, path=str(options[one.name]), fields={field: field for field in columns(one, options) if field != "id"}
        )
        for one in RESOURCES
        if one.name in options
    )


def card(options: Options) -> Card:
    """What the named files can hold: a field for each of their columns. Names need not be unique, nor be short.

    Raises ``ValueError`` for an option that makes no sense.
    """
    _check(options)
    return Card("files", {one.entity: _entity(one) for one in resources(options)}, Pace())


def _entity(resource: Resource) -> EntityCard:
    fields = frozenset(resource.fields)
    tree = "parent_id" in fields
    changed = Cost(reads=2)  # as it stands; read back
    refusals = {Op.DEACTIVATE: NO_DEACTIVATE, **({} if tree else {Op.MOVE: NO_MOVE})}
    return EntityCard(
        carries=fields,
        creates=fields,
        updates=fields - {"parent_id"},
        costs={
            Op.CREATE: Cost(reads=0),
            Op.RENAME: changed,
            Op.UPDATE: changed,
            **({Op.MOVE: changed} if tree else {}),
            Op.DELETE: Cost(reads=1),
        },
        tree=tree,
        name_scope=NameScope.NONE,
        required={NAME_FIELD[resource.entity]: None},
        refusals=refusals,
    )


def _check(options: Options) -> None:
    for resource in RESOURCES:
        name = options.get(resource.name)
        if name is not None and not str(name).casefold().endswith(FORMATS):
            raise ValueError(f"{resource.name} = {name!r} ends in none of {', '.join(FORMATS)}")
        strays = [key for key in options if key.startswith(f"{resource.name}_") and resource.name not in options]
        if strays:
            raise ValueError(f"{strays[0]} is of no use without {resource.name}, the file's name")
    for key, choices in (("encoding", tuple(ENCODINGS)), ("delimiter", DELIMITERS), ("final_newline", FINAL_NEWLINE)):
        if key in options and options[key] not in choices:
            raise ValueError(f"{key} must be one of {', '.join(map(repr, choices))}, not {options[key]!r}")


def connect(connection: Connection, wire: "Wire", scrubber: Scrubber) -> Client:  # noqa: ARG001 - there are no secrets
    """Open the folder; the wire counts what is read and written, and sends nothing."""
    from sources.files.client import FilesClient

    return FilesClient(connection, wire)


VENDOR = Vendor(
    name="files",
    title="Folder of files",
    resources=RESOURCES,
    resources_for=resources,
    options={
        "folder": (str, True),
        **{one.name: (str, one is RESOURCES[0]) for one in RESOURCES},  # what has no departments is no organisation
        **{f"{one.name}_{field}": (str, False) for one in RESOURCES for field in ("id", *one.fields)},
        "departments_root": (str, False),
        "encoding": (str, False),
        "delimiter": (str, False),
        "final_newline": (str, False),
    },
    tenant=("folder",),
    secrets=(),
    card=card,
    connect=connect,
    address=False,
)
