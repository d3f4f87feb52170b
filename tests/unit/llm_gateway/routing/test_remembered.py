"""Routes that are found once for many calls."""

import time

import pytest

from services.llm_gateway.models.targets import Route
from services.llm_gateway.routing.remembered import RememberedRoutes

ROUTE = Route((), "auto")


class TestRememberedRoutes:
    def test_a_route_is_there_for_a_second(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [100.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        routes = RememberedRoutes(lambda: 1)
        assert routes.get("m", None) is None
        routes.put("m", None, ROUTE, found_at=routes.stamp())
        now[0] = 100.9
        assert routes.get("m", None) is ROUTE
        assert routes.get("other", None) is None
        now[0] = 101.1
        assert routes.get("m", None) is None

    def test_a_change_forgets_all(self) -> None:
        stamp = [1]
        routes = RememberedRoutes(lambda: stamp[0])
        routes.put("m", None, ROUTE, found_at=routes.stamp())
        stamp[0] = 2
        assert routes.get("m", None) is None
        routes.put("n", None, ROUTE, found_at=routes.stamp())
        assert routes.get("n", None) is ROUTE
        assert routes.get("m", None) is None
        routes.forget()
        assert routes.get("n", None) is None

    def test_what_changed_during_the_search_is_not_kept_out(self) -> None:
        stamp = [1]
        routes = RememberedRoutes(lambda: stamp[0])
        begun = routes.stamp()
        stamp[0] = 2
        routes.put("m", None, ROUTE, found_at=begun)
        assert routes.get("m", None) is None
        begun = routes.stamp()
        routes.forget()
        routes.put("m", None, ROUTE, found_at=begun)
        assert routes.get("m", None) is None

    def test_invented_names_do_not_pile_up(self) -> None:
        routes = RememberedRoutes(lambda: 1)
        for number in range(5_000):
            routes.put(f"m{number}", None, ROUTE, found_at=routes.stamp())
        found = [routes.get(f"m{number}", None) for number in range(5_000)]
        assert sum(route is not None for route in found) <= 1_000
        routes.put("m" * 201, None, ROUTE, found_at=routes.stamp())
        assert routes.get("m" * 201, None) is None

    def test_keys_with_other_models_do_not_share(self) -> None:
        routes = RememberedRoutes(lambda: 1)
        routes.put("auto", ("a/*",), ROUTE, found_at=routes.stamp())
        assert routes.get("auto", None) is None
        assert routes.get("auto", ("b",)) is None
        assert routes.get("auto", ("a/*",)) is ROUTE
