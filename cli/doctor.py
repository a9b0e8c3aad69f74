"""`kwspot doctor`: tell what kwspot finds on this machine, and make ready what it needs."""

from __future__ import annotations

import platform
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import Json, Quiet, print_json, progress, reported

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = ("numpy", "numba", "llvmlite", "scipy", "librosa", "soundfile", "soxr", "rich", "typer")

# What each extra adds.
EXTRAS = {
    "archive": "archives on object storage, codecs for zarr, Sprintz's high-ratio mode",
    "av": "m4a, AAC and the sound of video files",
    "cluster": "work on many machines, by Dask",
    "notebook": "JupyterLab, to open the notebooks that explain kwspot",
    "plot": "pictures of what was found",
    "speech": "the front end that knows words across voices",
    "sklearn": "Bolt as a scikit-learn estimator of neighbours",
}


@reported
def doctor(
    *,
    warm: Annotated[
        bool, typer.Option("--warm", help="Compile what the main job needs, once and for all.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell what kwspot finds on this machine. Versions, extras, compiled kernels, what is amiss.

    Ends with exit code 1 if something is amiss.

    \b
    Example:
      kwspot doctor
      kwspot doctor --warm
    """
    import kwspot

    seconds = _warm(quiet=quiet) if warm else None
    found: dict[str, Any] = {
        "kwspot": kwspot.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "libsndfile": _libsndfile(),
        "extras": _extras(),
        "kernels": _kernels(),
        "warm_seconds": seconds,
    }
    found["problems"] = list(_problems(found))
    if as_json:
        print_json(found)
    else:
        _tell(found)
    if found["problems"]:
        raise typer.Exit(1)


def _warm(*, quiet: bool) -> float:
    """Do the main job once on the sample audio, and time it."""
    import kwspot

    from .demo import samples

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, samples() as (_, recordings):
        clips = [sample.path for sample in recordings if sample.role == "learn"]
        model = Path(folder, "warm.kws")
        with progress("compiling", quiet=quiet) as update:
            learned = kwspot.learn(clips, name="warm", progress=lambda done: update(0.8 * done))
            learned.save(model)
            keyword = kwspot.Keyword.load(model)
            kwspot.spot(clips[0], [keyword])
            update(0.9)
            kwspot.identify(clips[0], [keyword])
    return round(time.perf_counter() - started, 3)


def _version(package: str) -> str | None:
    """Return the version of an installed package, or None."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _extras() -> dict[str, dict[str, Any]]:
    """Tell of each extra whether all its packages are installed, which are not, what it adds."""
    from importlib.metadata import requires

    packages: dict[str, list[str]] = {name: [] for name in EXTRAS}
    for line in requires("kwspot") or ():
        extra = line.partition("extra == ")[2].strip("'\" ")
        if extra in packages:
            packages[extra].append(re.split(r"[^\w.-]", line, maxsplit=1)[0])
    missing = {name: [p for p in them if not _version(p)] for name, them in packages.items()}
    return {
        name: {"installed": not missing[name], "missing": missing[name], "adds": adds}
        for name, adds in EXTRAS.items()
    }


def _libsndfile() -> str | None:
    """Return the version of the library that reads audio, or None."""
    try:
        import soundfile
    except (ImportError, OSError):
        return None
    return str(soundfile.__libsndfile_version__)


def _cpu() -> list[str]:
    """Return the vector instructions that NumPy finds."""
    import numpy as np

    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    return [*simd.get("baseline", ()), *simd.get("found", ())]


def _kernels() -> dict[str, Any]:
    """Tell where compiled kernels are kept, and which are."""
    try:
        from kwspot.kernels.cache import kernels

        found = kernels()
    except (ImportError, RuntimeError) as error:  # numba found no folder that it may write
        return {"cache": [], "writable": False, "compiled": [], "missing": [], "error": str(error)}
    folders = sorted({kernel.folder for kernel in found})
    return {
        "cache": [str(folder) for folder in folders],
        "writable": all(map(_is_writable, folders)),
        "compiled": [kernel.name for kernel in found if kernel.compiled],
        "missing": [kernel.name for kernel in found if not kernel.compiled],
        "error": None,
    }


def _is_writable(folder: Path) -> bool:
    """Try to write to a folder; permissions alone do not tell."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _problems(found: dict[str, Any]) -> Iterator[str]:
    """Yield what is amiss, each with what to do."""
    missing = [name for name, number in found["packages"].items() if number is None]
    if missing:
        yield f"{', '.join(missing)} not installed: pip install --force-reinstall kwspot"
    if found["libsndfile"] is None:
        yield "soundfile does not find libsndfile: pip install --force-reinstall soundfile"
    kernels = found["kernels"]
    if not kernels["writable"]:
        reason = kernels["error"] or f"{', '.join(kernels['cache'])} cannot be written"
        yield (
            f"compiled kernels cannot be kept, so every start is slow ({reason}): "
            "set NUMBA_CACHE_DIR to a folder that you may write"
        )


def _tell(found: dict[str, Any]) -> None:
    """Print what was found as lines of text."""
    print(f"kwspot {found['kwspot']}, Python {found['python']}, {found['machine']}")
    print("packages   " + ", ".join(f"{name} {v}" for name, v in found["packages"].items()))
    print(f"libsndfile {found['libsndfile']}")
    print(f"cpu        {' '.join(found['cpu'])}")
    for name, extra in found["extras"].items():
        lacks = f"absent, for want of {', '.join(extra['missing'])}: pip install 'kwspot[{name}]'"
        here = "installed" if extra["installed"] else lacks
        print(f"extra      {name}: {extra['adds']} ({here})")
    kernels = found["kernels"]
    total = len(kernels["compiled"]) + len(kernels["missing"])
    print(f"kernels    {len(kernels['compiled'])} of {total} compiled, in {_cache(kernels)}")
    if found["warm_seconds"] is not None:
        print(f"warm       learning, spotting and naming a word took {found['warm_seconds']:.2f} s")
    elif kernels["missing"]:
        print("           the others are compiled when first used, or by `kwspot doctor --warm`")
    for problem in found["problems"]:
        print(f"problem    {problem}")
    if not found["problems"]:
        print("all is well")


def _cache(kernels: dict[str, Any]) -> str:
    """Name the folder of the compiled kernels."""
    return ", ".join(kernels["cache"]) or "no folder"
