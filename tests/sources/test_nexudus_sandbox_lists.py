import pytest

from tests.sources.nexudus_rig import DEPARTMENTS, TASKS, TEAMS, filled_twin, get, ids, new_twin


def test_a_list_shows_arrays_as_null_and_a_get_by_id_shows_them() -> None:
    twin = new_twin()
    number = twin.add_department(Name="D", Description="d", Managers=[9])
    [listed] = get(twin, DEPARTMENTS)["Records"]
    assert (listed["Managers"], listed["AddedManagers"], listed["Name"]) == (None, None, "D")
    assert get(twin, f"{DEPARTMENTS}/{number}")["Managers"] == [9]
    assert get(twin, f"{DEPARTMENTS}/", id=f"[{number},5]")[0]["Managers"] == [9]


def test_a_page_counts_as_the_documents_say() -> None:
    twin = new_twin()
    for number in range(30):
        twin.add_team(Name=f"T{number}")
    page = get(twin, TEAMS, page="2")
    counts = {name: value for name, value in page.items() if isinstance(value, int) and name != "Records"}
    assert counts == {
        "CurrentPageSize": 25,
        "CurrentPage": 2,
        "CurrentSortDirection": 0,
        "FirstItem": 26,
        "LastItem": 30,
        "PageNumber": 2,
        "PageSize": 25,
        "TotalItems": 30,
        "TotalPages": 2,
        "HasNextPage": False,
        "HasPreviousPage": True,
    }
    assert get(twin, TEAMS, page="3")["Records"] == []
    assert get(twin, TEAMS, size="5000")["PageSize"] == 1000


def test_paths_and_query_keys_count_in_any_case() -> None:
    twin = new_twin()
    numbers = [twin.add_team(Name=name) for name in ("B", "A")]
    assert ids(twin, "/API/Spaces/Teams", OrderBy="name", Size="1") == [numbers[1]]


@pytest.mark.parametrize(
    ("mode", "direction", "down"),
    [("0/1", "1", True), ("0/1", "Descending", True), ("0/1", "0", False), ("1/-1", "1", False), ("1/-1", "-1", True)],
)
def test_the_direction_means_what_the_mode_says(mode: str, direction: str, down: bool) -> None:  # noqa: FBT001 - a parameter
    twin = new_twin(dir_mode=mode)
    numbers = [twin.add_team(Name=name) for name in ("A", "B")]
    assert ids(twin, TEAMS, orderBy="Id", dir=direction) == (numbers[::-1] if down else numbers)


def test_tasks_come_by_due_date_unless_an_order_is_asked_for() -> None:
    twin, coworker, user = filled_twin()
    people = {"CoworkerId": coworker, "ResponsibleId": user}
    late = twin.add_task(Name="late", DueDate="2026-09-01T00:00:00Z", **people)
    early = twin.add_task(Name="early", DueDate="2026-08-01T00:00:00Z", **people)
    never = twin.add_task(Name="never", **people)
    assert ids(twin, TASKS) == [never, early, late]
    assert ids(twin, TASKS, orderBy="Id") == [late, early, never]


def test_filters_keep_what_fits_and_unknown_ones_are_ignored() -> None:
    twin = new_twin()
    ours = twin.add_team(Name="North Wing", SystemId="ours-1")
    theirs = twin.add_team(Name="South", BusinessId=999)
    both = [ours, theirs]
    assert ids(twin, TEAMS, Team_Business="123") == [ours]
    assert ids(twin, TEAMS, Team_Name="north") == [ours]
    assert ids(twin, TEAMS, Team_SystemId="ours-1") == [ours]
    assert ids(twin, TEAMS, Id=str(theirs)) == [theirs]
    assert ids(twin, TEAMS, Team_BusinessId="123") == both
    assert ids(twin, TEAMS, UpdatedSince="2030-01-01T00:00") == both
    assert ids(twin, TEAMS, HelpDeskDepartment_Business="123") == both


def test_times_are_filtered_with_both_bounds_included() -> None:
    twin = new_twin()
    numbers = [twin.add_team(Name=name) for name in "ABC"]
    middle = twin.record("team", numbers[1])["UpdatedOn"]
    assert ids(twin, TEAMS, from_Team_UpdatedOn=middle) == numbers[1:]
    assert ids(twin, TEAMS, to_Team_UpdatedOn=middle) == numbers[:2]


def test_a_task_list_holds_notes_back_where_the_switch_says_so() -> None:
    for blank in (True, False):
        twin, coworker, user = filled_twin(list_blanks_notes=blank)
        number = twin.add_task(Name="K", Notes="n", Reminded=True, CoworkerId=coworker, ResponsibleId=user)
        [listed] = get(twin, TASKS)["Records"]
        assert (listed["Notes"], listed["Reminded"]) == ((None, False) if blank else ("n", True))
        assert get(twin, f"{TASKS}/{number}")["Notes"] == "n"


def test_a_task_shows_the_names_of_the_people_and_the_list_it_points_to() -> None:
    twin, coworker, user = filled_twin()
    task_list = twin.record("task_list", twin.add_task_list("Onboarding"))
    fields = {"CoworkerId": coworker, "ResponsibleId": user, "TaskItemUniqueId": task_list["UniqueId"]}
    shown = twin.record("task", twin.add_task(Name="K", DueDate="2026-07-01T09:30:00Z", **fields))
    assert (shown["CoworkerFullName"], shown["ResponsibleFullName"]) == ("Ann Example", "Bo Example")
    assert (shown["TaskListName"], shown["DueDateLocal"]) == ("Onboarding", "2026-07-01T11:30:00Z")
