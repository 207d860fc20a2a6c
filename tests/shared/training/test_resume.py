import signal
import subprocess
import sys

import pytest
import torch
from torch import nn

from scenara.shared.errors import ArtifactError, ConfigError
from scenara.shared.training import TrainingSettings, initialised, train

SETTINGS = {"n_steps": 30, "batch_size": 16, "validate_every": 4, "checkpoint_every": 5}


class Stop(Exception):
    pass


def noisy_error(module, batch, rng):
    noise = torch.randn(batch[0].shape, generator=rng)
    return (module(batch[0] + 0.1 * noise)[:, 0] - batch[1]).square().mean()


def data(seed=7):
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(100, 3, generator=rng)
    return x, x.sum(1)


def run(checkpoint=None, *, seed=1, stop_at=None, examples=None, **changes):
    """Train a small network; give its weights and the history without its seconds."""

    def factory():
        return nn.Sequential(nn.Linear(3, 6), nn.Dropout(0.3), nn.BatchNorm1d(6), nn.Linear(6, 1))

    def progress(stage, done, total, note=""):
        if done == stop_at:
            raise Stop

    module = initialised(factory, random_state=0)
    history = train(
        module,
        noisy_error,
        examples or data(),
        validation=data(8),
        settings=TrainingSettings(**SETTINGS | changes),
        random_state=seed,
        progress=progress,
        checkpoint=checkpoint,
    )
    return module.state_dict(), history.frame.drop(columns="seconds")


def same(first, second):
    weights = all(torch.equal(first[0][name], second[0][name]) for name in first[0])
    return weights and first[1].equals(second[1])


@pytest.mark.parametrize("step", [1, 4, 5, 6, 12, 29, 30])
def test_a_run_stopped_at_any_step_ends_as_if_it_had_not_been(step, tmp_path):
    with pytest.raises(Stop):
        run(tmp_path, stop_at=step)
    assert same(run(tmp_path), run())


def test_a_run_stopped_again_and_again_ends_as_if_it_had_not_been(tmp_path):
    for step in (6, 11, 17, 26):
        with pytest.raises(Stop):
            run(tmp_path, stop_at=step)
    assert same(run(tmp_path), run())


def test_a_finished_run_gives_its_result_again_without_a_step(tmp_path):
    finished = run(tmp_path)
    assert same(run(tmp_path, stop_at=30), finished)


def test_early_stopping_survives_an_interruption(tmp_path):
    changes = {"patience": 1, "n_steps": 400, "learning_rate": 0.3}
    undisturbed = run(**changes)
    assert len(undisturbed[1]) < 100
    with pytest.raises(Stop):
        run(tmp_path, stop_at=7, **changes)
    assert same(run(tmp_path, **changes), undisturbed)


def test_how_often_it_is_saved_may_change(tmp_path):
    with pytest.raises(Stop):
        run(tmp_path, stop_at=7)
    assert same(run(tmp_path, checkpoint_every=100), run())


def test_a_run_without_a_seed_goes_on_with_the_seed_it_began_with(tmp_path):
    with pytest.raises(Stop):
        run(tmp_path, stop_at=7)
    assert same(run(tmp_path, seed=None), run())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": 0.1}, "learning_rate 0.001 there, 0.1 here"),
        ({"seed": 2}, "seed"),
        ({"examples": data(9)}, "examples"),
    ],
)
def test_the_checkpoint_of_another_run_is_refused(changes, message, tmp_path):
    with pytest.raises(Stop):
        run(tmp_path, stop_at=7)
    with pytest.raises(ConfigError, match=message):
        run(tmp_path, **changes)


@pytest.mark.parametrize("place", [0, 9, 200, 2000, -1])
def test_a_flipped_byte_in_a_checkpoint_is_refused(place, tmp_path):
    with pytest.raises(Stop):
        run(tmp_path, stop_at=7)
    file = tmp_path / "training.safetensors"
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    with pytest.raises(ArtifactError, match="training.safetensors"):
        run(tmp_path)


def test_a_half_written_checkpoint_is_never_read(tmp_path):
    with pytest.raises(Stop):
        run(tmp_path, stop_at=7)
    (tmp_path / "training.safetensors.partial").write_bytes(b"half")
    assert same(run(tmp_path), run())


KILLED = """
import importlib.util, os, signal, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("resume", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
def kill(stage, done, total, note=""):
    if done == 18:
        os.kill(os.getpid(), signal.SIGKILL)
train = module.train
module.train = lambda *args, **kwargs: train(*args, **{**kwargs, "progress": kill})
module.run(Path(sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_process_goes_on_where_it_was(tmp_path):
    killed = subprocess.run([sys.executable, "-c", KILLED, __file__, tmp_path], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "training.safetensors").exists()
    assert same(run(tmp_path), run())
