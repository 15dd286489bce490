from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.runs.fair_queue import FairQueue

owners = st.sampled_from("ABC")


def filled(pushes: list[str]) -> tuple[FairQueue, dict[str, str]]:
    queue, owner_of = FairQueue(), {}
    for number, owner in enumerate(pushes):
        run_id = f"{owner}{number}"
        owner_of[run_id] = owner
        queue.push(owner, run_id)
    return queue, owner_of


def test_owners_take_turns() -> None:
    queue, _ = filled(["A", "A", "A", "B", "C", "B"])
    assert queue.order() == ["A0", "B3", "C4", "A1", "B5", "A2"]


def test_newcomer_waits_for_one_round_only() -> None:
    queue, _ = filled(["A", "A", "A"])
    assert queue.pop() == "A0"
    queue.push("B", "B0")
    assert [queue.pop() for _ in range(3)] == ["A1", "B0", "A2"]


def test_empty_queue_has_nothing() -> None:
    with pytest.raises(LookupError):
        FairQueue().pop()
    assert FairQueue().order() == [] and not FairQueue().remove("A0")


@given(st.lists(owners, max_size=20))
def test_order_is_what_pop_gives(pushes: list[str]) -> None:
    queue, _ = filled(pushes)
    order = queue.order()
    assert [queue.pop() for _ in range(len(queue))] == order
    assert sorted(order) == sorted(f"{owner}{number}" for number, owner in enumerate(pushes))


@given(st.lists(owners, max_size=20))
def test_each_owner_is_first_in_first_out(pushes: list[str]) -> None:
    queue, owner_of = filled(pushes)
    for owner in "ABC":
        own = [run_id for run_id in queue.order() if owner_of[run_id] == owner]
        assert own == sorted(own, key=lambda run_id: int(run_id[1:]))


@given(st.lists(owners, max_size=20), st.integers(0, 25))
def test_removing_keeps_each_owners_order(pushes: list[str], index: int) -> None:
    queue, owner_of = filled(pushes)
    victim = next((run_id for run_id in owner_of if run_id[1:] == str(index)), "none")
    assert queue.remove(victim) is (victim in owner_of)
    assert sorted(queue.order()) == sorted(set(owner_of) - {victim})


@given(st.lists(st.one_of(owners, st.none()), max_size=40))
def test_no_owner_is_served_twice_while_another_waits(actions: list[str | None]) -> None:
    """A letter queues a run of that owner, None starts one."""
    queue, served = FairQueue(), {owner: {} for owner in "ABC"}
    waiting = dict.fromkeys("ABC", 0)
    for number, owner in enumerate(actions):
        if owner is not None:
            queue.push(owner, f"{owner}{number}")
            waiting[owner] += 1
        elif len(queue):
            started = queue.pop()[0]
            waiting[started] -= 1
            served[started] = {}
            for other in "ABC":
                if other != started and waiting[other]:
                    served[other][started] = served[other].get(started, 0) + 1
                    assert served[other][started] <= 1
