"""Reports as a reader has them: in Chromium, opened from disk, by keys, and judged by axe-core."""

import json
import time

import browser
import pytest
from browser import view
from commands import run, run_json
from recordings import chirp

import kwspot
from kwspot import Keyword
from kwspot.report import Item, Report, describe_keyword

pytestmark = pytest.mark.skipif(bool(browser.missing()), reason=browser.missing() or "it is there")

SIZES = [(375, "light"), (375, "dark"), (1440, "light"), (1440, "dark")]


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory, downloads):
    with browser.browser(tmp_path_factory.mktemp("profile"), downloads) as driver:
        yield driver


@pytest.fixture(scope="module")
def learned(model, tmp_path_factory):
    """The report of a learned keyword, one place of which is but a guess."""
    path = tmp_path_factory.mktemp("report") / "learned.html"
    keyword = Keyword.load(model)
    places = list(keyword.occurrences)
    places[4] = type(places[4])(places[4].clip, places[4].start, places[4].end, 0.4, present=False)
    describe_keyword(keyword, places=places, settings={"method": "consensus"}).save(path)
    return path


@pytest.fixture
def page(chromium, learned):
    """The report, opened anew; nothing may go wrong in it."""
    chromium.get_log("browser")
    view(chromium, 1440, "light")
    opened(chromium, learned)
    # Slow sound: half a second would be over before a busy machine looks.
    chromium.execute_script(
        "for (const { audio } of places) audio.defaultPlaybackRate = audio.playbackRate = 0.2"
    )
    yield chromium
    assert chromium.get_log("browser") == []
    chromium.execute_script("unsaved = false")


def opened(driver, path):
    driver.get(path.as_uri())
    return driver


def press(driver, *keys):
    """Press keys, wherever the focus is."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    actions = ActionChains(driver, duration=0)
    for key in keys:
        parts = key.split("+")
        for held in parts[:-1]:
            actions.key_down(getattr(Keys, held))
        actions.send_keys(getattr(Keys, parts[-1], parts[-1]))
        for held in parts[:-1]:
            actions.key_up(getattr(Keys, held))
    actions.perform()


def judged(driver):
    return driver.execute_script("return places.map((place) => place.judged)")


def until(driver, script):
    """Wait for a script to be true."""
    deadline = time.monotonic() + 10
    while not (value := driver.execute_script(f"return {script}")):
        assert time.monotonic() < deadline, script
        time.sleep(0.02)
    return value


def saved(downloads, name):
    path = downloads / name
    deadline = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return path


def test_players_hold_the_sound_around_each_place(page, samples):
    until(page, "places.every((place) => place.audio.readyState > 0)")
    durations = page.execute_script("return places.map((place) => place.audio.duration)")
    assert durations == pytest.approx([kwspot.audio.duration(p) for p in samples["learn"]], abs=0.1)
    assert page.execute_script("return places.map((place) => place.audio.error)") == [None] * 5
    assert len(page.find_elements("css selector", ".mark")) == 0


def test_a_place_is_played_from_its_start_to_its_end(page):
    page.execute_script(
        """
        const { audio, found } = places[0];
        heard = [];
        for (const what of ["playing", "pause"])
          audio.addEventListener(what, () => heard.push(found.from + audio.currentTime));
        """
    )
    press(page, "n")
    heard = until(page, "heard.length > 1 && heard")
    start, end = page.execute_script("return [places[0].found.start, places[0].found.end]")
    assert heard == pytest.approx([start, end], abs=0.1)


def test_one_plays_at_a_time_and_keys_play_the_next(page):
    for expected in (0, 1, 2):
        press(page, "n")
        until(page, f"current === {expected} && !places[{expected}].audio.paused")
        assert page.execute_script("return places.filter((one) => !one.audio.paused).length") == 1
        assert page.execute_script("return document.activeElement === places[current].element")
    press(page, "b")
    until(page, "current === 1 && !places[1].audio.paused && places[1].until !== null")
    press(page, "SPACE")
    until(page, "places[1].audio.paused")
    press(page, "c")
    until(page, "!places[1].audio.paused && places[1].until === places[1].found.until")
    press(page, "n", "n", "n", "n", "n")
    until(page, "current === 4")  # the last


def test_a_place_played_again_still_ends_where_it_should(page):
    press(page, "n")
    until(page, "!places[0].audio.paused")
    page.execute_script(
        """
        pauses = 0;
        places[0].audio.addEventListener("pause", () => pauses++);
        places[0].play(true);
        """
    )
    until(page, "pauses === 1 && !places[0].audio.paused")
    assert page.execute_script("return places[0].until === places[0].found.until")


def test_keys_judge_move_and_undo(page):
    before = judged(page)
    press(page, "n", "a", "n", "r", "n", "ARROW_LEFT", "ARROW_LEFT", "SHIFT+ARROW_RIGHT")
    after = judged(page)
    decisions = ["accepted", "rejected", "accepted", "undecided", "undecided"]
    assert [one["decision"] for one in after] == decisions
    moved = [before[2]["start"] - 0.02, before[2]["end"] + 0.01]
    assert [after[2]["start"], after[2]["end"]] == pytest.approx(moved)
    badges = [one.text for one in page.find_elements("css selector", ".decision")]
    assert [one.removeprefix("✓ ").removeprefix("✗ ") for one in badges[:3]] == [
        "accepted", "rejected", "accepted, edges moved"]  # fmt: skip
    assert page.find_element("css selector", ".progress").text == "3 of 5 judged"
    press(page, "u", "u", "u", "u")  # the end, both steps of the start, and two decisions
    assert judged(page) == before
    assert page.find_element("css selector", ".progress").text == "0 of 5 judged"
    press(page, "a", "a")
    assert judged(page) == before


def test_buttons_are_about_their_own_place(page):
    page.execute_script("places[3].button('reject').click()")  # as screen readers do: no focus
    assert [one["decision"] for one in judged(page)][2:] == ["undecided", "rejected", "undecided"]
    page.find_elements("css selector", "[data-action=accept]")[1].click()
    assert [one["decision"] for one in judged(page)][:2] == ["undecided", "accepted"]
    page.find_element("css selector", "[data-action=undo]").click()
    assert [one["decision"] for one in judged(page)][:2] == ["undecided", "undecided"]


def test_keys_can_be_turned_off_and_leave_fields_alone(page):
    press(page, "n")
    field = page.find_element("css selector", ".place input[data-edge=end]")
    field.click()
    press(page, "r", "ARROW_UP", "ESCAPE")  # a number field takes the arrow: 1 ms
    before, after = page.execute_script("return [places[0].found, places[0].judged]")
    assert after["decision"] == "accepted"
    assert after["end"] == pytest.approx(before["end"] + 0.001)
    page.find_element("css selector", ".keys summary").click()
    page.find_element("id", "keys").click()
    press(page, "r")
    assert judged(page)[0]["decision"] == "accepted"


def test_everything_has_a_name_and_can_be_reached_by_tab(page):
    names = []
    for _ in range(16):
        press(page, "TAB")
        names.append(page.switch_to.active_element.accessible_name)
    assert names[0] == "Skip to the result"
    assert {"Play next", "Save review", "Play", "With context", "Accept"} <= set(names)
    assert any(name.startswith("Sound of conf-") for name in names)
    press(page, "ESCAPE", "n", "a")
    status = page.find_element("css selector", "[role=status]").text
    assert status.startswith("2, conf-onlyperson.wav: accepted, ")


def test_edges_are_dragged_and_stay_in_order(page):
    from selenium.webdriver import ActionChains

    picture = page.find_element("css selector", ".picture")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", picture)
    share = page.execute_script("return places[0].percent(places[0].found.start) / 100")
    width = picture.size["width"]
    at = round(width * share) - round(width / 2)
    drag = ActionChains(page, duration=50).move_to_element_with_offset(picture, at, 0)
    left = -round(width * share)
    drag.click_and_hold().move_by_offset(-50, 0).move_by_offset(left, 0).release().perform()
    one = judged(page)[0]
    assert (one["start"], one["decision"]) == (0, "accepted")
    press(page, *["SHIFT+ARROW_LEFT"] * 3)
    field = page.find_element("css selector", ".place input[data-edge=end]")
    field.click()
    press(page, "CONTROL+a", "-", "5", "TAB")
    one = judged(page)[0]
    assert one["end"] == pytest.approx(one["start"] + 0.06)


def test_the_review_is_saved_and_learned_from(page, downloads, tmp_path, samples):
    press(page, "n", "a", "ARROW_RIGHT", "n", "r", "s")
    path = saved(downloads, "conference.review.json")
    fields = json.loads(path.read_text())
    assert [one["decision"] for one in fields["items"][:3]] == ["accepted", "rejected", "undecided"]
    (found,) = run_json("learn", *samples["learn"], "--review", path, "-o", tmp_path / "x.kws",
                        "--json")  # fmt: skip
    # The second was rejected; the fifth was a mere guess, and nobody accepted it.
    assert [one["clip"] for one in found["occurrences"]] == [samples["learn"][i] for i in (0, 2, 3)]
    first = found["occurrences"][0]
    assert (first["start"], first["end"]) == (
        fields["items"][0]["start"],
        fields["items"][0]["end"],
    )
    assert first["start"] == pytest.approx(fields["items"][0]["found"]["start"] + 0.01)


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_page_fits_and_axe_finds_no_serious_fault(chromium, learned, width, scheme):
    view(chromium, width, scheme)
    opened(chromium, learned)
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
    dark = chromium.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (int(dark[4:].split(",")[0]) < 128) == (scheme == "dark")
    chromium.execute_script(
        "for (const one of document.querySelectorAll('details')) one.open = true"
    )
    press(chromium, "n", "a", "n", "r")
    assert faults(chromium) == []
    chromium.execute_script("unsaved = false")


def faults(driver):
    """Return what axe-core calls serious or critical."""
    if browser.axe() is None:
        pytest.skip("needs axe-core: npm install axe-core, or its script in KWSPOT_AXE")
    # As a user's script: the page's own policy lets no other in.
    driver.execute_script(browser.axe().read_text() + ";window.axe = axe")
    found = driver.execute_async_script("axe.run().then(arguments[0])")
    return [
        (one["id"], one["help"], [node["html"][:200] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_names_are_shown_and_never_run(chromium, tmp_path):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    item = Item(f"{evil}/a&b\"'</script>.wav", (chirp(), 16000), evil, 0.2, 0.5, 0.5, evil, (evil,))
    report = Report(evil, evil, evil, (item,), review="spot", figures=((evil, evil),),
                    doubts=(evil,), settings={evil: [evil]})  # fmt: skip
    report.save(tmp_path / "evil.html")
    chromium.get_log("browser")
    opened(chromium, tmp_path / "evil.html")
    press(chromium, "n", "a", "u")
    assert chromium.find_element("css selector", "h1").text == evil
    assert len(chromium.find_elements("css selector", "img, body script:not([type])")) == 1
    assert chromium.execute_script("return review().items[0].recording") == item.recording
    assert chromium.get_log("browser") == []


def test_spot_and_evaluate_write_pages_too(chromium, samples, model, tmp_path):
    truth = ["path,start,end,word"]
    truth += [f"{path},0.2,0.5,conference" for path in samples["reject"][:1]]
    (tmp_path / "truth.csv").write_text("\n".join(truth) + "\n")
    spot, told = tmp_path / "spot.html", tmp_path / "told.html"
    done = run("spot", model, "--", *samples["find"], "--threshold", "0.01", "--report", spot)
    assert done.exit_code == 0
    done = run("evaluate", model, "--truth", tmp_path / "truth.csv", "--report", told)
    assert done.exit_code == 0
    for path in (spot, told):
        chromium.get_log("browser")
        for width, scheme in SIZES[::3]:
            view(chromium, width, scheme)
            opened(chromium, path)
            assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
        assert faults(chromium) == []
        until(chromium, "places.every((place) => place.audio.readyState > 0)")
        press(chromium, "n", "r", "s" if path is told else "u")
        assert chromium.get_log("browser") == []
