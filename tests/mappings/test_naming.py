"""How names are compared, and how a tree is named in a flat system."""

import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.known import leaf_key
from mappings.model import Golden, Value
from mappings.naming import DEEPEST, SEPARATOR, Naming, cleaned, fold, leaf, paths, same, suffixes
from tests.mappings.samples import book, golden, named, nodes, trees


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param("Support", "  sUPPORT ", id="case and outer blanks"),
        pytest.param("Human  Resources", "human\u00a0\tresources", id="blanks inside"),
        pytest.param("Straße", "STRASSE", id="sharp s"),
        pytest.param("İzmir", "i\u0307zmir", id="dotted capital i"),
        pytest.param("ΣΑΣ", "σας", id="final sigma"),
        pytest.param("Ｓａｌｅｓ　１", "sales 1", id="full-width"),
        pytest.param("客\u200b服\ufeff", "客服", id="zero-width inside Chinese"),
        pytest.param("Sup\u00adport", "Support", id="soft hyphen"),
        pytest.param("Cafe\u0301", "CAFÉ", id="composed or not"),
        pytest.param("ﬁnance", "Finance", id="ligature"),
        pytest.param("🧡\ufe0f", "🧡", id="variation selector"),
    ],
)
def test_names_that_a_person_takes_for_one_fold_to_one_key(ours: str, theirs: str) -> None:
    assert fold(ours) == fold(theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param("Sales", "Ѕales", id="a Cyrillic look-alike"),
        pytest.param("客服", "客户", id="one Chinese character"),
        pytest.param("İ", "I", id="dotted and dotless"),
        pytest.param("Europe/Support", "Europe / Support", id="a slash without blanks"),
        pytest.param("Resume", "Resumé", id="an accent"),
    ],
)
def test_names_that_only_resemble_each_other_keep_their_own_keys(ours: str, theirs: str) -> None:
    assert fold(ours) != fold(theirs)


@pytest.mark.parametrize("name", ["", " \t\u3000", "\u200b\ufeff"])
def test_a_name_without_anything_to_see_folds_to_nothing(name: str) -> None:
    assert fold(name) == ""


@given(st.text())
def test_folding_ignores_how_letters_are_composed_and_folds_no_further(name: str) -> None:
    assert fold(unicodedata.normalize("NFD", name)) == fold(unicodedata.normalize("NFC", name))
    assert fold(fold(name)) == fold(name)


@pytest.mark.parametrize(
    ("ours", "theirs", "held"),
    [
        pytest.param("Cafe\u0301", "Café", True, id="composition is no difference"),
        pytest.param("Support", " Support\n", True, id="outer blanks are trimmed by vendors"),
        pytest.param("Support", "support", False, id="case is a difference"),
        pytest.param("Human Resources", "Human  Resources", False, id="inner blanks are a difference"),
        pytest.param("客服", "客\u200b服", False, id="a zero-width character is a difference"),
    ],
)
def test_a_vendor_holds_a_name_when_it_shows_this_very_spelling(ours: str, theirs: str, held: bool) -> None:  # noqa: FBT001 - a case's column
    assert same(ours, theirs) is held


def test_a_path_names_the_way_from_the_root_and_starts_anew_where_the_parent_is_missing() -> None:
    tree = book(golden("c", "Night", "b"), golden("b", "Support", "a"), golden("a", "Europe"), golden("x", "Lost", "?"))
    assert paths(nodes(tree)) == {
        "a": ("Europe",),
        "b": ("Europe", "Support"),
        "c": ("Europe", "Support", "Night"),
        "x": ("Lost",),
    }


@pytest.mark.parametrize("order", ["abcd", "dcba", "cadb"])
def test_records_of_a_circle_stand_for_themselves_whichever_is_asked_first(order: str) -> None:
    tree = book(golden("a", "A", "c"), golden("b", "B", "a"), golden("c", "C", "b"), golden("d", "D", "a"))
    assert paths(nodes({key: tree[key] for key in order})) == {"a": ("A",), "b": ("B",), "c": ("C",), "d": ("A", "D")}


def test_a_department_that_is_its_own_parent_is_named_once() -> None:
    assert paths(nodes(book(golden("a", "A", "a")))) == {"a": ("A",)}


@pytest.mark.parametrize("deepest_first", [False, True])
def test_a_chain_of_20_000_departments_is_named_by_the_end_of_its_path(deepest_first: bool) -> None:  # noqa: FBT001 - a case's column
    chain = [golden(f"d{one}", f"D{one}", f"d{one - 1}" if one else None) for one in range(20_000)]
    found = paths(nodes(book(*(reversed(chain) if deepest_first else chain))))
    assert found["d2"] == ("D0", "D1", "D2")
    assert found["d19999"] == tuple(f"D{one}" for one in range(20_000 - DEEPEST, 20_000))


def test_a_record_may_be_called_by_any_end_of_its_path() -> None:
    assert list(suffixes(("HQ", "Europe", "Support"))) == ["Support", "Europe / Support", "HQ / Europe / Support"]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        pytest.param("Europe / Support", "Support", id="its parent"),
        pytest.param("hq / EUROPE / Support / Night", "Support / Night", id="the whole path"),
        pytest.param("HQ / Support", "HQ / Support", id="not the end of its path"),
        pytest.param("Support", "Support", id="nothing before it"),
    ],
)
def test_a_name_that_a_flat_system_qualified_is_read_as_the_leaf(name: str, read: str) -> None:
    assert leaf(name, ("HQ", "Europe")) == read


def test_of_namesakes_below_one_another_the_last_is_read_as_the_leaf_by_name_and_by_key() -> None:
    assert leaf("Sales / SALES / Sales", ("Sales", "Sales")) == "Sales"
    assert leaf_key("sales / sales / sales", ("sales", "sales")) == "sales"


EUROPE = (golden("eu", "Europe"), golden("eu-s", "Support", "eu"))
ASIA = (golden("as", "Asia"), golden("as-s", "Support", "as"))


@pytest.mark.parametrize(
    ("naming", "support"),
    [(Naming.LEAF, "Support"), (Naming.QUALIFY, "Europe / Support"), (Naming.PATH, "HQ / Europe / Support")],
)
def test_a_namesake_is_called_as_the_policy_says(naming: Naming, support: str) -> None:
    tree = book(golden("hq", "HQ"), golden("eu", "Europe", "hq"), golden("eu-s", "Support", "eu"), *ASIA)
    assert named(tree, naming).flat["eu-s"] == support


@pytest.mark.parametrize(
    ("tree", "names"),
    [
        pytest.param(EUROPE, {"eu-s": "Support"}, id="the only one keeps its leaf"),
        pytest.param((*EUROPE, *ASIA), {"eu-s": "Europe / Support", "as-s": "Asia / Support"}, id="two namesakes"),
        pytest.param(
            (*EUROPE, golden("s", "support")), {"s": "support", "eu-s": "Europe / Support"}, id="a root keeps its leaf"
        ),
        pytest.param(
            (*EUROPE, golden("w", "West", "eu"), golden("w-s", "Support", "w"), golden("s", "Support")),
            {"s": "Support", "eu-s": "Europe / Support", "w-s": "West / Support"},
            id="three at three depths",
        ),
        pytest.param(
            (*EUROPE, golden("x", "Europe / Support")),
            {"x": "Europe / Support", "eu-s": "Support"},
            id="a literal path beside the only namesake",
        ),
        pytest.param(
            (*EUROPE, *ASIA, golden("hq", "HQ"), golden("x", "Europe / Support", "hq")),
            {"x": "HQ / Europe / Support", "eu-s": "Europe / Support", "as-s": "Asia / Support"},
            id="a literal path that can be told apart",
        ),
    ],
)
def test_qualify_takes_the_shortest_path_that_tells_namesakes_apart(
    tree: tuple[Golden, ...], names: dict[str, str]
) -> None:
    found = named(book(*tree), Naming.QUALIFY).flat
    assert {key: found[key] for key in names} == names


@given(trees(("A", "B", "A / B")))
def test_a_record_whose_path_is_its_own_has_a_qualified_name_of_its_own(tree: dict[str, Golden]) -> None:
    where, names = paths(nodes(tree)), named(tree).flat
    whole = Counter(fold(SEPARATOR.join(path)) for path in where.values())
    called = Counter(fold(name) for name in names.values())
    own = [key for key in tree if whole[fold(SEPARATOR.join(where[key]))] == 1]
    assert {called[fold(names[key])] for key in own} <= {1}
    assert all(names[key] in suffixes(where[key]) for key in tree)


@given(trees())
def test_qualified_names_taken_for_names_of_roots_are_qualified_to_themselves(tree: dict[str, Golden]) -> None:
    names = named(tree, Naming.QUALIFY).flat
    assert named(book(*(golden(key, name) for key, name in names.items()))).flat == names


@given(trees(), st.data())
def test_how_a_tree_is_named_does_not_hang_on_the_order_of_its_records(
    tree: dict[str, Golden], data: st.DataObject
) -> None:
    other = dict(data.draw(st.permutations(list(tree.items()))))
    assert all(named(tree, naming).flat == named(other, naming).flat for naming in Naming)


@pytest.mark.parametrize(
    ("sent", "seen", "vendors"),
    [
        ("Ops", "Ops", True),
        ("Customer Support", "Customer Sup", True),  # cut
        ("🧡 Ops", "Ops", True),  # cleaned
        ("Müller & Co", "Müller &amp; Co", True),  # escaped
        ("since May", "", True),  # dropped: no reason to empty it everywhere
        ("Press / R / D", "Kitchen", False),
        (None, "ask Anna", False),
        ("since May", None, True),
        (True, False, True),
    ],
)
def test_what_a_vendor_made_of_a_text_is_told_from_an_edit(sent: Value, seen: Value, *, vendors: bool) -> None:
    assert cleaned(sent, seen) is vendors
