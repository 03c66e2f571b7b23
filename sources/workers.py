"""Threads that carry out calls. Whoever interrupts the run need not wait for them."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Workers(Executor):
    """So many threads at most, daemons: the library's own pool keeps the process until the last call has ended."""

    def __init__(self, number: int) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._number = number
        self._threads: list[Thread] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a call made; its result or what it raised comes with the future."""
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as fault:
                future.set_exception(fault)

        self._calls.put(call)
        if len(self._threads) < self._number:
            self._threads.append(Thread(target=self._work, name=f"worker {len(self._threads)}", daemon=True))
            self._threads[-1].start()
        return future

    def _work(self) -> None:
        while call := self._calls.get():
            call()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in self._threads:
            self._calls.put(None)
        if kind is None or issubclass(kind, (Exception, GeneratorExit)):
            for thread in self._threads:
                thread.join()
