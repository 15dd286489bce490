"""Who trains next: owners take turns, each owner's runs keep their order."""

from __future__ import annotations

from collections import OrderedDict, deque


class FairQueue:
    """Run ids that wait, round-robin between owners and first-in-first-out within one.

    While an owner waits, no other owner is served twice: a class of thirty is not held up by
    one who queued forty runs. Not thread-safe; the runner guards it.
    """

    def __init__(self) -> None:
        self._owners: OrderedDict[str, deque[str]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(waiting) for waiting in self._owners.values())

    def push(self, owner: str, run_id: str) -> None:
        """Append the run to its owner's; an owner who has none waiting joins at the end of the round."""
        self._owners.setdefault(owner, deque()).append(run_id)

    def pop(self) -> str:
        """Take the run whose turn it is; its owner goes to the end of the round. Raises LookupError when empty."""
        owner = next(iter(self._owners), None)
        if owner is None:
            raise LookupError("The queue is empty.")
        run_id = self._owners[owner].popleft()
        self._owners.move_to_end(owner)
        self._drop_if_empty(owner)
        return run_id

    def remove(self, run_id: str) -> bool:
        """Take the run out wherever it stands; False when it does not wait."""
        for owner, waiting in self._owners.items():
            if run_id in waiting:
                waiting.remove(run_id)
                self._drop_if_empty(owner)
                return True
        return False

    def order(self) -> list[str]:
        """All waiting runs in the order in which `pop` would give them."""
        # Round r serves, in the present order of owners, everyone who has more than r runs.
        rows = [list(waiting) for waiting in self._owners.values()]
        rounds = max((len(row) for row in rows), default=0)
        return [row[turn] for turn in range(rounds) for row in rows if turn < len(row)]

    def clear(self) -> list[str]:
        """Take all runs out, in order."""
        taken = self.order()
        self._owners.clear()
        return taken

    def _drop_if_empty(self, owner: str) -> None:
        if not self._owners[owner]:
            del self._owners[owner]
