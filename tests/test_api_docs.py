"""Everything public is documented in NumPy style: parameters, shapes, units, returns, errors."""

import ast
import inspect
import re
import textwrap

import pytest
from numpydoc.docscrape import NumpyDocString
from public_api import public

API = {one.name: one.thing for one in public()}
CALLED = {"kwspot.discover": "kwspot.discover.discover"}  # a package that can be called
ARRAY = re.compile(r"ArrayLike|NDArray|\b[FIU](8|16|32|64)\b|\bArray\b")
TIMES = {"start", "end", "duration", "min_duration", "max_duration", "refractory", "seconds"}
TIMES |= {"context", "hours", "period", "rate", "reach"}
UNIT = re.compile(r"\b(seconds?|hours?|Hz|frames?|samples?|rows?)\b", re.IGNORECASE)
EXEMPT = {"NotImplementedError", "StopIteration"}


def doc(thing):
    return NumpyDocString(inspect.getdoc(thing) or "")


def text(entries):
    return " ".join(f"{one.name} {one.type} {' '.join(one.desc)}" for one in entries)


def documented(thing):
    """Give the parameters that a docstring names, each with what it says of it."""
    told = doc(thing)
    sections = [*told["Parameters"], *told["Other Parameters"], *told["Attributes"]]
    return {
        name.strip(" *"): f"{one.type} {' '.join(one.desc)}"
        for one in sections
        for name in one.name.split(",")
    }


def others(name, thing):
    """Give the documented things that a docstring refers to, and what it overrides."""
    found = re.findall(r"`([A-Za-z_][\w.]*)`", inspect.getdoc(thing) or "")
    found = [CALLED.get(reference, reference) for reference in found]
    owner, _, member = name.rpartition(".")
    scopes = [name.rpartition(".")[0], name.rpartition(".")[0].rpartition(".")[0], "kwspot"]
    ways = [reference for scope in scopes for reference in (f"{scope}.{r}" for r in found)]
    bases = [vars(base).get(member) for base in getattr(API.get(owner), "__mro__", ())[1:-1]]
    return [API[way] for way in [*found, *ways] if way in API] + [b for b in bases if b]


def told_of(name, thing):
    """Give all parameters that are documented, here or where the docstring points to."""
    found = {}
    for one in [*others(name, thing), thing]:
        for parameter, words in documented(getattr(one, "__func__", one)).items():
            found[parameter] = f"{found.get(parameter, '')} {words}"
    return found


def parameters(thing):
    if inspect.isclass(thing) and issubclass(thing, Exception) and "__init__" not in vars(thing):
        return []
    found = inspect.signature(thing).parameters.values()
    named = [one for one in found if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    return [one for one in named if one.name not in ("self", "cls")]


def raised(function):
    """Give the names of the exceptions that the function itself raises."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Raise) and node.exc is not None:
            what = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(what, ast.Name) and what.id[0].isupper():
                yield what.id


def functions():
    return [name for name, thing in API.items() if inspect.isfunction(thing)]


def callables():
    return [name for name, thing in API.items() if not isinstance(thing, property)]


@pytest.mark.parametrize("name", API)
def test_it_has_a_summary_in_one_sentence(name):
    thing = API[name]
    summary = (inspect.getdoc(thing) or "").partition("\n\n")[0]
    assert summary, name
    assert summary.endswith((".", ":", "?")), summary


@pytest.mark.parametrize("name", callables())
def test_each_parameter_is_documented_with_shape_and_unit(name):
    thing = API[name]
    told = told_of(name, thing)
    for one in parameters(thing):
        assert one.name in told, f"{name} does not tell of {one.name}"
        entry = told[one.name]
        if ARRAY.search(str(one.annotation)) and "Callable" not in str(one.annotation):
            assert re.search(r"\bshapes?\b", entry), f"{name}: {one.name} has no shape"
        if one.name in TIMES and re.search(r"\b(float|int)\b", str(one.annotation)):
            whole = entry + (inspect.getdoc(thing) or "")
            assert UNIT.search(whole), f"{name}: {one.name} has no unit"
    if inspect.isfunction(thing):
        unknown = set(documented(thing)) - set(inspect.signature(thing).parameters)
        assert not unknown, f"{name} tells of {unknown}, which it does not take"


@pytest.mark.parametrize("name", functions())
def test_what_it_returns_is_documented(name):
    thing = API[name]
    annotation = str(inspect.signature(thing).return_annotation)
    mine = name.rpartition(".")[0].rpartition(".")[2]
    if annotation in ("None", "Self", mine):
        return
    told = [doc(getattr(one, "__func__", one)) for one in [thing, *others(name, thing)]]
    sections = " ".join(text([*one["Returns"], *one["Yields"]]) for one in told)
    summary = " ".join(told[0]["Summary"])
    assert sections or summary.startswith("Return"), f"{name} does not tell what it returns"
    if ARRAY.search(annotation):
        assert re.search(r"\bshapes?\b", sections + summary + " ".join(told[0]["Extended Summary"]))


@pytest.mark.parametrize("name", functions())
def test_what_it_raises_is_documented(name):
    thing = API[name]
    told = " ".join(
        text([*one["Raises"], *one["Warns"]])
        for one in (doc(getattr(o, "__func__", o)) for o in [thing, *others(name, thing)])
    )
    for error in set(raised(thing)) - EXEMPT:
        assert error in told, f"{name} raises {error} and does not say so"
