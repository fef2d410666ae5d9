"""Nobody who puts something into the writer's inbox is forgotten, however putting and taking meet."""

from __future__ import annotations

import threading

from homing.storage.log.inbox import Inbox

PUTTERS, EACH = 4, 5_000


def test_everything_comes_out_once_and_in_each_putters_order():
    inbox: Inbox[tuple[int, int]] = Inbox()
    went = threading.Barrier(PUTTERS)

    def putter(who: int) -> None:
        went.wait()
        for n in range(EACH):
            inbox.put((who, n))

    threads = [threading.Thread(target=putter, args=(who,)) for who in range(PUTTERS)]
    for thread in threads:
        thread.start()
    taken = [inbox.get() for _ in range(PUTTERS * EACH)]  # hangs when one is forgotten
    for thread in threads:
        thread.join()
    assert inbox.get_nowait() is None
    assert [[n for who, n in taken if who == one] for one in range(PUTTERS)] == [list(range(EACH))] * PUTTERS


def test_one_at_a_time_goes_to_and_fro():
    there: Inbox[int] = Inbox()
    back: Inbox[int] = Inbox()

    def echo() -> None:
        while n := there.get():
            back.put(n)

    thread = threading.Thread(target=echo)
    thread.start()
    for n in range(1, EACH):
        there.put(n)
        assert back.get() == n
    there.put(0)
    thread.join()
