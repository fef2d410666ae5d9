"""Files are imported beside all else: one after the other, followed, stopped, and gone on with after a kill."""

from __future__ import annotations

import pytest

from homing.collect.files import ImportRequest
from homing.collect.files.jobs import ImportJobs
from homing.core.errors import Conflict, NotFound
from import_desk import NOW

ROWS = 24_000


def jobs_of(desk) -> ImportJobs:
    return ImportJobs(desk.log, desk.state, desk.folder, lambda: NOW)


def upload(desk, jobs, rows=ROWS):
    path = jobs.upload_path("0123456789abcdef", ".csv")
    path.write_text("order_id,time,revenue\n" + "".join(f"{n},2026-01-02,5\n" for n in range(rows)))
    return path


def status(desk):
    with desk.state.read() as conn:
        return conn.exec_driver_sql("SELECT status, done, total, accepted, duplicate FROM import_run").one()


def test_an_upload_is_imported_and_removed(desk):
    jobs = jobs_of(desk)
    path = upload(desk, jobs)
    import_id = jobs.submit(ImportRequest(path, "orders", file_name="tills.csv"), owned=True)
    assert jobs.wait(import_id, 60)
    assert (jobs.result(import_id).accepted, tuple(status(desk))) == (ROWS, ("done", ROWS, ROWS, ROWS, 0))
    assert list(jobs.uploads.iterdir()) == []
    jobs.stop()


def test_what_was_under_way_when_the_process_died_is_interrupted_and_can_go_on(desk):
    jobs = jobs_of(desk)
    path = upload(desk, jobs)
    waiting = upload(desk, jobs, 3).rename(jobs.uploads / "aaaaaaaaaaaaaaaa.csv")
    path = upload(desk, jobs)
    jobs._queue.put(None)  # the thread never comes to it, as when the process dies at once
    import_id = jobs.submit(ImportRequest(path, "orders"), owned=True)
    assert status(desk).status == "waiting"
    again = jobs_of(desk)
    assert status(desk).status == "interrupted"
    assert again.can_resume(import_id)
    assert not waiting.exists()  # looked at and left
    assert path.exists()
    again.resume(import_id)
    assert again.wait(import_id, 60)
    assert tuple(status(desk)) == ("done", ROWS, ROWS, ROWS, 0)
    with pytest.raises(Conflict):
        again.resume(import_id)
    again.stop()
    assert not path.exists()


def test_an_import_that_stops_with_the_process_goes_on_with_the_next(desk):
    jobs = jobs_of(desk)
    import_id = jobs.submit(ImportRequest(upload(desk, jobs, 60_000), "orders"), owned=True)
    jobs.stop()
    next_ = jobs_of(desk)
    assert status(desk).status in {"interrupted", "done"}
    if status(desk).status == "interrupted":
        next_.resume(import_id)
        assert next_.wait(import_id, 60)
    assert tuple(status(desk)) == ("done", 60_000, 60_000, 60_000, 0)
    assert len(desk.events()) == 60_000
    next_.stop()


def test_one_that_is_cancelled_is_over_and_its_upload_gone(desk):
    jobs = jobs_of(desk)
    path = upload(desk, jobs)
    jobs._queue.put(None)
    import_id = jobs.submit(ImportRequest(path, "orders"), owned=True)
    again = jobs_of(desk)
    again.cancel(import_id)
    assert status(desk).status == "cancelled"
    assert not path.exists()
    with pytest.raises(Conflict):
        again.cancel(import_id)
    with pytest.raises(NotFound):
        again.cancel("imp_none")
    again.stop()


def test_a_file_that_fails_says_why_and_harms_no_other(desk):
    jobs = jobs_of(desk)
    bad = jobs.submit(ImportRequest(desk.file("b.csv", "a,b\n1,2\n"), "orders"), owned=False)
    good = jobs.submit(
        ImportRequest(desk.file("g.csv", "order_id,time,revenue\n1,2026-01-02,5\n"), "orders"), owned=False
    )
    assert jobs.wait(good, 60)
    with desk.state.read() as conn:
        found = dict(conn.exec_driver_sql("SELECT import_id, status || coalesce(error, '') FROM import_run").all())
    assert found[good] == "done"
    assert found[bad].startswith("failedno column for order_id")
    assert (desk.folder / "g.csv").exists()
    jobs.stop()
