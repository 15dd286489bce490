"""What the Runs page computes from the selected runs."""

import io
import zipfile

from lib.ui.runs_table import delete_runs, histories_zip
from tests.fakes import StepwiseTrain, fake_train, tiny_run_spec


def test_histories_come_as_one_table_a_run(use_runner):
    runner = use_runner(fake_train)
    ids = [runner.submit(tiny_run_spec()) for _ in range(2)]
    for run_id in ids:
        runner.wait(run_id, timeout=20)
    archive = zipfile.ZipFile(io.BytesIO(histories_zip([runner.store.record(run_id) for run_id in ids])))
    assert sorted(archive.namelist()) == sorted(f"{run_id}.csv" for run_id in ids)
    assert archive.read(f"{ids[0]}.csv").startswith(b"epoch,step,seconds")


def test_a_run_in_flight_is_not_deleted(use_runner):
    train = StepwiseTrain()
    runner = use_runner(train)
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    delete_runs([runner.store.record(run_id)])
    assert [record.id for record in runner.store.records()] == [run_id]
    train.release()
    runner.wait(run_id, timeout=20)
    delete_runs([runner.store.record(run_id)])
    assert runner.store.records() == ()
