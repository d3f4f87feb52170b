"""Which stages run side by side."""

from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.pipeline.course import first_of_role, grouped
from services.orchestrator.pipeline.stage import StageSpec, load_roles
from tests.fixtures.pipeline_agents import pod_agent

ROLES = load_roles()


def specs(*groups: str | None, roles: tuple[str, ...] = ()) -> list[StageSpec]:
    names = roles or ("task",) * len(groups)
    return [
        StageSpec(str(index), ROLES[role], pod_agent(role, parallel_group=group, position=index))
        for index, (group, role) in enumerate(zip(groups, names, strict=True))
    ]


def keys(groups: list[list[StageSpec]]) -> list[list[str]]:
    return [[spec.key for spec in group] for group in groups]


class TestGrouping:
    def test_neighbours_of_one_group_together_all_else_alone(self) -> None:
        found = grouped(specs(None, None, "a", "a", "b", None, "a"))
        assert keys(found) == [["0"], ["1"], ["2", "3"], ["4"], ["5"], ["6"]]

    def test_no_stage(self) -> None:
        assert grouped([]) == []

    @given(st.lists(st.sampled_from([None, "a", "b"]), max_size=20))
    def test_the_order_stays_and_none_is_lost(self, groups: list[str | None]) -> None:
        found = grouped(specs(*groups))
        assert [key for group in keys(found) for key in group] == [
            str(index) for index in range(len(groups))
        ]
        for group in found:
            names = {spec.agent.parallel_group for spec in group}
            assert len(names) == 1
            assert len(group) == 1 or names != {None}

    def test_the_work_is_found_again(self) -> None:
        groups = grouped(specs(None, None, None, roles=("context", "task", "code_review")))
        assert first_of_role(groups, "task", default=2) == 1
        assert first_of_role(groups, "decision", default=2) == 2
