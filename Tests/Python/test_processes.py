"""Forks, spawned processes, signals, and NumPy in the same process."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import vqw2v
from conftest import GUMBEL, RECORDINGS, sweep, write_wave

SAMPLES = sweep(30000)


def child(body, seconds=60):
    """Runs a function in a forked process; its exit code, or a failure where it does not end."""
    process = os.fork()
    if process == 0:
        try:
            os._exit(body() or 0)
        except BaseException:
            os._exit(99)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    pytest.fail("the child hangs")


def test_a_forked_process_goes_on(model):
    """After calls that had threads, which the child has not."""
    vqw2v.set_threads(3)
    ids, features = model.quantize(SAMPLES, 16000), model.extract(SAMPLES, 16000, layer="c")

    def body():
        np.testing.assert_array_equal(model.quantize(SAMPLES, 16000), ids)
        np.testing.assert_array_equal(model.extract(SAMPLES, 16000, layer="c"), features)
        other = vqw2v.load(GUMBEL)
        np.testing.assert_array_equal(other.quantize(SAMPLES, 16000), ids)
        for path, result in zip(RECORDINGS, other.quantize_files(RECORDINGS, threads=2)):
            np.testing.assert_array_equal(result, model.quantize_file(path))

    assert child(body) == 0
    # And the parent.
    np.testing.assert_array_equal(model.quantize(SAMPLES, 16000), ids)


def test_a_recording_on_disk_after_a_fork(model, tmp_path):
    """One that is too long for memory: where there are threads, some stand in for those that wait for the disk."""
    path = tmp_path / "long.wav"
    write_wave(path, np.resize(SAMPLES, (1 << 25) + 1000))
    ids = model.quantize_file(path)

    def body():
        np.testing.assert_array_equal(model.quantize_file(path), ids)

    assert child(body, seconds=300) == 0


def test_a_fork_amid_a_call_is_refused(model):
    """What the other thread held is held in the child without end."""
    waveform = np.tile(SAMPLES, 300)
    thread = threading.Thread(target=lambda: model.quantize(waveform, 16000))
    thread.start()
    time.sleep(0.05)
    assert thread.is_alive(), "the call was too short for this test"

    def body():
        try:
            model.quantize(SAMPLES, 16000)
        except RuntimeError as error:
            return 0 if "was forked while another thread was within vqw2v" in str(error) else 3
        return 4

    try:
        assert child(body) == 0
    finally:
        thread.join()
    model.quantize(SAMPLES, 16000)


def ids_in_process(model):
    return model.quantize(SAMPLES, 16000)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_of_processes(model, method):
    ids = model.quantize(SAMPLES, 16000)
    with multiprocessing.get_context(method).Pool(2) as pool:
        for result in pool.map(ids_in_process, [model] * 4):
            np.testing.assert_array_equal(result, ids)


def test_models_can_be_sent(model):
    other = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(other.quantize(SAMPLES, 16000), model.quantize(SAMPLES, 16000))


def test_interrupt_ends_an_iteration():
    """Ctrl-C comes through between files."""
    program = (
        "import sys, vqw2v\n"
        "model = vqw2v.load(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "for ids in model.quantize_files([sys.argv[2]] * 100000, threads=2): pass\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(GUMBEL), str(RECORDINGS[0])], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
        # What runs in the background of a shell begins with the signal ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT and "KeyboardInterrupt" in errors


@pytest.mark.skipif("VQW2V_LIBRARY" in os.environ, reason="Swift's shared runtime prints traces of traps")
def test_handlers_of_signals_stay():
    """The library catches none, neither by itself nor with its runtime."""
    status = (
        "text = open('/proc/self/status').read().split()\n"
        "caught = int(text[text.index('SigCgt:') + 1], 16)\n"
        # The last of these are the C library's.
        "print([number for number in range(1, 32) if caught >> (number - 1) & 1])\n"
    )
    work = "import sys, vqw2v\nvqw2v.load(sys.argv[1]).quantize_file(sys.argv[2])\n"
    arguments = [sys.executable, "-c"]
    caught = subprocess.check_output([*arguments, work + status, str(GUMBEL), str(RECORDINGS[0])], text=True)
    assert caught == subprocess.check_output([*arguments, status], text=True)


def test_numpy_keeps_its_threads(model):
    """OpenBLAS has one number of threads for the whole process where NumPy has the same copy of it."""
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def threads():
        return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["internal_api"] == "openblas"]

    np.ones((200, 200)) @ np.ones((200, 200))
    before = threads()
    model.quantize(SAMPLES, 16000)
    assert threads() == before
