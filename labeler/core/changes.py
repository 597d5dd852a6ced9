"""What a committed transaction changed, told to whoever wants to know. Plain callables; no bus, no threads of its own."""

from collections.abc import Callable
from dataclasses import dataclass

Listener = Callable[["Changes"], None]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a transaction touched. `images` are those whose boxes, suggestions or state changed; the flags say what else to read again.

    `initiator` is whoever asked for the change, so that a page can ignore its own.
    """

    images: frozenset[int] = frozenset()
    library: bool = False
    models: bool = False
    runs: bool = False
    versions: bool = False
    initiator: object = None


class ChangeFeed:
    """The listeners of one project. They are called on the thread that committed."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each commit; returns what ends the subscription, which may be called more than once."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def publish(self, changes: Changes) -> None:
        """Tell every listener."""
        for listener in tuple(self._listeners):
            listener(changes)
