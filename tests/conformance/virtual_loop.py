"""An event loop of CPython's whose clock jumps to the next deadline when nothing is ready."""

import asyncio
import selectors


class NothingLeftToWaitFor(Exception):
    """No callback, no timer and no file: the loop would wait for ever."""


class _Selector(selectors.DefaultSelector):
    """Never waits: moves its clock instead."""

    def __init__(self):
        super().__init__()
        self.now = 0.0

    def select(self, timeout=None):
        events = super().select(0)
        if events:
            return events
        if timeout is None:
            raise NothingLeftToWaitFor
        self.now += max(timeout, 0)
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """Starts at 0; what it runs takes no time, and a wait takes exactly its time."""

    def __init__(self):
        self._virtual_selector = _Selector()
        super().__init__(self._virtual_selector)

    def time(self):
        return self._virtual_selector.now
