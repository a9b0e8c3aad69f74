"""The command line as a whole: help, exit codes, errors, progress; `demo` and `doctor`."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest
from commands import assert_refused, process, run, run_json

import kwspot
from kwspot.cli import common, doctor
from kwspot.cli.main import app, main
from kwspot.errors import DoubtfulResult

COMMANDS = [command.callback.__name__ for command in app.registered_commands]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_json(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Example:\n    kwspot {command}" in result.stdout
    assert "--json" in result.stdout
    assert ("--quiet" in result.stdout) == (command != "info")  # which takes no time


def test_help_lists_the_commands_in_whole_sentences():
    lines = run("--help").stdout.splitlines()
    for command in COMMANDS:
        (line,) = [line for line in lines if line.startswith(f"  {command} ")]
        assert line.endswith(".")
        assert not line.endswith("...")
    assert run("-h").stdout.splitlines() == lines


def test_exit_codes_are_told():
    told = " ".join(run("--help").stdout.split()).partition("Exit code: ")[2]
    for code in ("0 if", "1 if", "2 if", "130 if"):
        assert code in told


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("kwspot le", "learn"), ("kwspot spot --thr", "--threshold"), ("kwspot --v", "--version")],
)
def test_the_shell_completes_what_is_typed(typed, offered):
    number = str(len(typed.split()) - 1)
    env = {"_KWSPOT_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": number}
    assert kwspot_script(env=env).stdout.split() == [offered]


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_completion_is_installed_for_the_shell_that_asks(tmp_path):
    done = kwspot_script("--install-completion", "bash", env={"HOME": str(tmp_path), **UNTOLD})
    assert done.returncode == 0, done.stderr
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any("_KWSPOT_COMPLETE" in path.read_text() for path in written)


# The shell is named here; else its name is looked for among the processes.
UNTOLD = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}


def kwspot_script(*args, env):
    """Run the script that the shell finds, whose name completion goes by."""
    command = [str(Path(sys.executable).with_name("kwspot")), *args]
    return subprocess.run(
        command, env=os.environ | env, capture_output=True, text=True, timeout=60, check=False
    )


def test_version():
    assert run("--version").stdout == f"kwspot {kwspot.__version__}\n"


def test_a_command_that_is_not_known_is_usage():
    assert run("lern").exit_code == 2
    assert "Usage: kwspot" in run("lern").stderr


def test_demo_finds_the_word_and_nothing_else():
    (found,) = run_json("demo", "--json")
    assert found["as_expected"]
    assert found["keyword"] == "conference"
    assert len(found["learned"]) == 5
    assert [len(one["detections"]) for one in found["searched"]] == [1, 1, 1, 0, 0, 0]
    assert found["learn_seconds"] > 0
    assert found["search_seconds"] > 0


def test_demo_says_what_it_did_and_keeps_nothing_unless_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("demo")
    assert result.exit_code == 0
    assert result.stdout.count("  ok  ") == 11
    assert "All as it should be" in result.stdout
    assert list(tmp_path.iterdir()) == []
    run("demo", "-o", "conference.kws")
    assert kwspot.Keyword.load("conference.kws").name == "conference"
    assert run("demo", "-o", "conference.kws", "--json").exit_code == 0


def test_demo_fails_if_the_word_is_not_found(monkeypatch):
    nothing = kwspot.Detections("", 1.0, ())
    monkeypatch.setattr(kwspot.Keyword, "spot", lambda *_: nothing)
    result = run("demo")
    assert result.exit_code == 1
    assert result.stdout.count("WRONG") == 3
    assert "NOT all as it should be" in result.stdout
    assert json.loads(run("demo", "--json").stdout)["as_expected"] is False


def test_doctor_tells_what_is_there():
    (found,) = run_json("doctor", "--json")
    assert found["kwspot"] == kwspot.__version__
    assert found["packages"]["numba"]
    assert found["libsndfile"].count(".") == 2
    assert found["extras"].keys() == doctor.EXTRAS.keys()
    for name, extra in found["extras"].items():
        assert extra["adds"]
        assert extra["installed"] == (not extra["missing"])
        assert extra["installed"] or name == "notebook"
    assert found["kernels"]["writable"]
    assert found["cpu"]
    assert found["problems"] == []
    result = run("doctor")
    assert result.exit_code == 0
    for word in (f"kwspot {kwspot.__version__}", "numba", "extra      av", "all is well"):
        assert word in result.stdout


def test_doctor_warms_every_kernel_of_the_main_job():
    (found,) = run_json("doctor", "--warm", "--json")
    assert found["warm_seconds"] > 0
    assert "dtw.warp_stream" in found["kernels"]["compiled"]
    assert "took" in run("doctor", "--warm").stdout


def test_doctor_tells_what_is_amiss(monkeypatch):
    monkeypatch.setattr(doctor, "_PACKAGES", ("numpy", "no-such-package"))
    monkeypatch.setattr(doctor, "_libsndfile", lambda: None)
    monkeypatch.setattr(doctor, "_is_writable", lambda _: False)
    needed = ["numpy>=2", 'no-such-thing>=3; extra == "magic"', 'numpy; extra == "magic"']
    monkeypatch.setattr("importlib.metadata.requires", lambda _: needed)
    monkeypatch.setattr(doctor, "EXTRAS", {"magic": "magic"})
    result = run("doctor")
    assert result.exit_code == 1
    for words in (
        "no-such-package not installed",
        "does not find libsndfile",
        "set NUMBA_CACHE_DIR",
        "magic (absent, for want of no-such-thing: pip install 'kwspot[magic]')",
    ):
        assert words in result.stdout
    assert "all is well" not in result.stdout


def test_no_folder_for_compiled_code_is_told(model, samples):
    # As in a container where the package is read-only and there is no home.
    env = {"NUMBA_CACHE_LOCATOR_CLASSES": "IPythonCacheLocator"}
    told = process("doctor", "--json", env=env)
    if json.loads(told.stdout)["kernels"]["writable"]:
        pytest.skip("this numba cannot be told where to look")
    assert told.returncode == 1
    assert "set NUMBA_CACHE_DIR" in json.loads(told.stdout)["problems"][0]
    refused = process("spot", model, samples["find"][0], env=env)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: kwspot finds no folder")
    assert len(refused.stderr.splitlines()) == 2


# -- what may go wrong ---------------------------------------------------------------------------


def failing(error):
    """Make a command that raises an error."""

    def info(*_):
        raise error

    return info


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError(13, "Permission denied", "x.kws"), "x.kws: Permission denied"),
        (RuntimeError("cannot cache function: no locator available"), "compiled code"),
        (kwspot.KwspotError("a name\nwith a break", hint="rename it"), "a name with a break"),
    ],
)
def test_errors_are_two_lines(monkeypatch, error, words):
    monkeypatch.setattr(kwspot.Keyword, "load", failing(error))
    assert_refused(run("info", "x.kws"), words)


def test_a_mistake_of_ours_is_not_hidden(monkeypatch):
    monkeypatch.setattr(kwspot.Keyword, "load", failing(RuntimeError("oops")))
    with pytest.raises(RuntimeError, match="oops"):
        run("info", "x.kws")


def test_ctrl_c_ends_with_one_line(monkeypatch):
    monkeypatch.setattr(kwspot.Keyword, "load", failing(KeyboardInterrupt()))
    result = run("info", "x.kws")
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


def test_doubts_are_one_line_each_and_told_once(monkeypatch, model):
    load = kwspot.Keyword.load

    def doubt(path):
        for _ in range(3):
            warnings.warn("only two clips:\na guess", DoubtfulResult, stacklevel=1)
        return load(path)

    monkeypatch.setattr(kwspot.Keyword, "load", doubt)
    assert run("info", model).stderr == "warning: only two clips: a guess\n"


def test_other_warnings_are_left_alone(monkeypatch, model):
    @common.reported
    def command():
        warnings.warn("old", FutureWarning, stacklevel=1)

    with pytest.warns(FutureWarning, match="old"):
        command()


COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")  # as terminals are told of it


# -- progress ------------------------------------------------------------------------------------


def test_progress_is_drawn_after_a_second_on_a_terminal_only(monkeypatch, capsys):
    monkeypatch.setattr(common, "_PATIENCE", 0.0)
    with common.progress("learning", quiet=False) as update:
        update(0.5)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with common.progress("learning", quiet=True) as update:
        update(0.5)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("TERM", "xterm")
    with common.progress("learning", quiet=False) as update:
        update(0.5)
        update(1.0)
        print("data")
    shown = capsys.readouterr()
    assert shown.out == "data\n"
    assert "learning" in shown.err
    assert COLOUR.search(shown.err)
    monkeypatch.setenv("NO_COLOR", "1")
    with common.progress("learning", quiet=False) as update:
        update(0.5)
    plain = capsys.readouterr().err
    assert "learning" in plain
    assert not COLOUR.search(plain)


# -- as processes of their own -------------------------------------------------------------------


def test_python_m_kwspot_is_the_command():
    assert process("--version").stdout == f"kwspot {kwspot.__version__}\n"
    refused = process("info", "no-such.kws")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: ")
    assert "Traceback" not in refused.stderr
    assert process("spot").returncode == 2


def test_a_reader_that_goes_away_is_no_error(model, samples):
    command = [sys.executable, "-m", "kwspot", "spot", str(model), *samples["find"], "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdout.close()
        assert running.wait(60) == 1
        assert running.stderr.read() == b""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_keeps_what_was_printed(model, samples, tmp_path):
    fifo = tmp_path / "slow.wav"
    os.mkfifo(fifo)  # the second recording never comes
    command = [sys.executable, "-m", "kwspot", "spot", str(model), samples["find"][0], str(fifo)]
    with subprocess.Popen(
        [*command, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever started the tests in the background has them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as running:
        stop = threading.Timer(60, running.kill)
        stop.start()
        first = running.stdout.readline()
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        rest, words = running.communicate()
        stop.cancel()
    assert json.loads(first)["audio"] == samples["find"][0]
    assert (running.returncode, rest, words) == (130, "", "interrupted\n")


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not Unicode")
def test_a_name_that_is_not_unicode_is_printed(model, samples, tmp_path):
    name = os.fsdecode(b"caf\xe9.wav")
    (tmp_path / name).write_bytes(Path(samples["find"][0]).read_bytes())
    result = process("spot", model, "--", name, "--json", cwd=tmp_path)
    assert json.loads(result.stdout)["audio"] == name
    assert "caf\\udce9.wav" in process("spot", model, "--", name, cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [(KeyboardInterrupt(), 130, "interrupted\n"), (BrokenPipeError(), 1, "")],
)
def test_what_happens_outside_a_command_is_no_traceback(monkeypatch, capfd, error, code, words):
    def fail():
        raise error

    monkeypatch.setattr("kwspot.cli.main.app", fail)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == code
    assert capfd.readouterr().err == words
