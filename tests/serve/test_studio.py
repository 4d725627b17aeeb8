"""The studio in a real Chromium against a real server: every page is used as a person would use it.

With INSULA_SCREENSHOTS set to a folder, pictures of every page are kept there, in light and in dark.
"""

import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
TALK = "Ana: I lost my job.\nBen: What? That's terrible. How did it happen?\nAna: They closed it. I'm so angry."
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
CALL = Path(__file__).parents[2] / "examples" / "call.ogg"


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as found:
        opened = found.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser, server):
    """A page with nothing kept of other tests; what goes wrong in its scripts fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 1100}, locale="en-GB", accept_downloads=True)
    opened, wrong = context.new_page(), []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.set_default_timeout(60_000)
    opened.goto(f"{server}/studio/")
    opened.wait_for_selector("h1")
    yield opened
    context.close()
    assert not wrong


def turn_to(page, name):
    page.get_by_role("navigation").get_by_text(name, exact=True).click()
    page.wait_for_selector(f"h1:has-text('{name}')")


def kept(page, name):
    if folder := os.environ.get("INSULA_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=str(Path(folder) / f"{name}-{scheme}.png"), full_page=True)


def read(page, text=TALK):
    page.get_by_label(re.compile("^Words, a chat")).fill(text)
    page.get_by_role("button", name="Read", exact=True).click()
    page.wait_for_selector("ol.turns li")


def read_file(page, file):
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Read", exact=True).click()


def held(page, requests):
    """The first of these requests, kept from its answer until it is let go; those after it go on."""
    found = []
    page.route(requests, lambda route: route.continue_() if found else found.append(route))
    return found


def begin(page, name="me"):
    turn_to(page, "Talk")
    page.get_by_label("What shall it know you as?").fill(name)
    page.get_by_role("button", name="Begin").click()


def say(page, words):
    page.get_by_label("What do you want to say?").fill(words)
    page.keyboard.press("Enter")


def test_a_chat_is_read_and_its_causes_are_seen(page):
    read(page)
    assert page.locator("ol.turns li").count() == 3
    assert page.locator(".arc").count() >= 1
    page.get_by_role("button", name="Look at turn t3").click()
    chosen = page.locator("li.chosen")
    assert "anger" in chosen.inner_text()
    assert "seems to" in chosen.inner_text()
    assert chosen.locator("mark").count() >= 1
    kept(page, "read")


def test_what_was_asked_for_last_stays_open(page):
    slow = held(page, re.compile("/v1/read"))
    page.get_by_label(re.compile("^Words, a chat")).fill("Ana: These words are older.")
    with page.expect_request(re.compile("/v1/read")):
        page.get_by_role("button", name="Read", exact=True).click()
    turn_to(page, "Talk")
    turn_to(page, "Read")
    read(page)
    with page.expect_response(re.compile("/v1/read")):
        slow[0].continue_()
    page.wait_for_timeout(300)
    assert page.locator("ol.turns li").count() == 3


def test_a_chat_in_json_is_a_file(page):
    said = json.dumps([{"role": "user", "content": "I lost my job."}, {"role": "assistant", "content": "Oh no."}])
    chat = {"name": "talk.json", "mimeType": "application/json", "buffer": said.encode()}
    with page.expect_request(re.compile("/v1/read")) as sent:
        read_file(page, chat)
    page.wait_for_selector("ol.turns li")
    assert page.locator("ol.turns li").count() == 2
    assert sent.value.headers["content-type"] == "application/octet-stream"


def test_people_and_layers_are_looked_at_one_by_one(page):
    read(page)
    assert page.locator(".speakers > div").count() == 2
    page.get_by_label("Show").select_option("only Ben")
    assert page.locator("ol.turns li").count() == 1
    page.get_by_label("Show").select_option("by person")
    assert page.locator("ol.turns .who b").all_inner_texts() == ["Ana", "Ana", "Ben"]
    before = page.locator(".timeline").text_content()
    page.get_by_label("Layer").select_option("dialogue_act")
    assert page.locator(".timeline").text_content() != before


def test_the_keyboard_moves_along_the_turns(page):
    read(page)
    page.get_by_role("button", name="Look at turn t1").click()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("li.chosen[data-turn=t2]")
    page.keyboard.press("ArrowUp")
    page.wait_for_selector("li.chosen[data-turn=t1]")


def test_what_is_exported_is_imported_again(page, tmp_path):
    read(page)
    with page.expect_download() as coming:
        page.get_by_role("button", name="JSON lines (all of it)").click()
    coming.value.save_as(tmp_path / "talk.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "talk.jsonl").read_text().splitlines()]
    assert sum(line["kind"] == "turn" for line in lines) == 3
    before = page.locator("ol.turns").inner_text()
    page.reload()
    page.wait_for_selector("h1")
    read_file(page, tmp_path / "talk.jsonl")
    page.wait_for_selector("ol.turns li")
    assert page.locator("ol.turns").inner_text() == before
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV").click()
    assert "ekman7" in Path(coming.value.path()).read_text()


def test_voices_are_uploaded_only_after_consent(page, tmp_path):
    (tmp_path / "me.wav").write_bytes(b"RIFF0000WAVE")
    page.locator("input[type=file]").set_input_files(tmp_path / "me.wav")
    button = page.get_by_role("button", name="Read", exact=True)
    assert button.is_disabled()
    page.get_by_label(re.compile("^Everybody in it knows")).check()
    assert button.is_enabled()
    name = page.get_by_label("Who says so?")
    name.fill("a/b")
    button.click()
    assert not name.evaluate("field => field.validity.valid")
    kept(page, "consent")
    name.fill("me")
    button.click()
    page.wait_for_selector("[role=alert]")
    turn_to(page, "Talk")
    stored = page.get_by_label("What is stored")
    stored.get_by_text("agreed: voice and face").wait_for()
    assert "For: personal." in stored.inner_text()
    stored.get_by_role("button", name="Forget everything").click()
    stored.get_by_text("agreed: voice and face").wait_for(state="detached")


def test_a_recording_is_played_along_with_its_turns(page):
    pytest.importorskip("faster_whisper")
    page.locator("input[type=file]").set_input_files(CALL)
    page.get_by_label(re.compile("^Everybody in it knows")).check()
    page.get_by_role("button", name="Read", exact=True).click()
    page.wait_for_selector("ol.turns li, [role=alert]", timeout=120_000)
    if page.locator("ol.turns li").count() < 2:
        pytest.skip("no weights for speech are installed")
    page.locator("ol.turns li button").nth(1).click()
    page.wait_for_function("document.querySelector('audio').currentTime > 0")
    page.evaluate("document.querySelector('audio').currentTime = 1.5")
    page.wait_for_selector("ol.turns li:first-child.chosen")
    assert page.locator("main p.card").count() == 1  # what people are owed to be told
    kept(page, "recording")


def test_a_film_is_played_along_with_what_is_seen(page, tmp_path):
    sys.path.insert(0, str(Path(__file__).parents[1] / "vision"))
    from films import background, faces, needs_networks, paste, write_film

    needs_networks()
    happy = paste(background((360, 640)), faces(6, 1, 9)[0], 300, 180, 140)
    film = write_film(tmp_path / "ana.mp4", [happy] * 20, fps=5)
    page.locator("input[type=file]").set_input_files(film)
    page.get_by_label(re.compile("^Everybody in it knows")).check()
    page.get_by_role("button", name="Read", exact=True).click()
    page.wait_for_selector("[aria-label=Timeline] svg, [role=alert]", timeout=120_000)
    assert not page.locator("[role=alert]").count()
    kept(page, "film")
    assert "happiness" in page.get_by_role("region", name="Timeline").inner_html()
    page.wait_for_function("document.querySelector('video').videoWidth === 640")
    kept(page, "film")


def test_nothing_is_recorded_before_consent(page):
    page.get_by_role("button", name="Record my voice").click()
    start = page.get_by_role("button", name="Start recording")
    assert start.is_disabled()
    page.get_by_label(re.compile("^Everybody in it knows")).check()
    start.click()
    page.wait_for_selector(".recording")
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("recording.webm").wait_for()
    assert page.get_by_role("button", name="Read", exact=True).is_enabled()
    page.get_by_role("button", name="take it away").click()
    assert not page.get_by_text("recording.webm").count()


def test_a_talk_with_reasons_memory_and_help(page):
    turn_to(page, "Talk")
    page.wait_for_selector("section[aria-label='What is stored']")  # before anything is
    page.get_by_label("Persona").select_option("calm")
    page.get_by_text("calm, practical companion").wait_for()
    page.get_by_label("What shall it know you as?").fill("Zoe")
    page.get_by_label(re.compile("remember what I tell you")).check()
    page.get_by_role("button", name="Begin").click()
    say(page, "My sister Zelda passed her exam and I failed mine.")
    page.wait_for_selector("button.bubble.companion")
    page.wait_for_selector("section[aria-label='Why this answer'] li")
    stored = page.locator("section[aria-label='What is stored']")
    stored.get_by_text("Zelda").first.wait_for()
    stored.get_by_role("button", name=re.compile("^Forget: My sister")).click()
    stored.get_by_text("Zelda").first.wait_for(state="detached")
    say(page, "I can't go on, I want to end my life tonight.")
    page.wait_for_selector(".alarm")
    assert "116 123" in page.locator(".alarm").inner_text()
    kept(page, "talk")


def test_a_name_is_typed_letter_by_letter_and_looked_up_once(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    turn_to(page, "Talk")
    name = page.get_by_label("What shall it know you as?")
    name.fill("")
    name.press_sequentially("robin")
    assert name.input_value() == "robin"
    name.press("Tab")
    page.get_by_role("heading", name="What is stored of robin").wait_for()
    page.get_by_text("Nothing is remembered.").wait_for()
    assert {url.split("/people/")[1].split("/")[0] for url in asked if "/people/" in url} == {"me", "robin"}


def test_a_slow_answer_never_stands_under_another_name(page, server):
    page.request.post(f"{server}/v1/people/slow/consent", data={"what": "memory", "given": True, "words": "by me"})
    slow = held(page, re.compile("/people/slow"))
    turn_to(page, "Talk")
    name = page.get_by_label("What shall it know you as?")
    with page.expect_request(re.compile("/people/slow")):
        name.fill("slow")
        name.blur()
    name.fill("b")
    name.blur()
    stored = page.get_by_label("What is stored")
    stored.get_by_role("heading", name="What is stored of b").wait_for()
    slow[0].continue_()
    page.wait_for_timeout(500)
    assert "by me" not in stored.inner_text()
    assert stored.get_by_role("button", name="Forget everything").is_disabled()


def test_names_that_cannot_be_kept_are_said_to_be_none(page):
    turn_to(page, "Talk")
    name = page.get_by_label("What shall it know you as?")
    for one in ("a/b", "  ", ".."):
        name.fill(one)
        page.get_by_role("button", name="Begin").click()
        assert not name.evaluate("field => field.validity.valid")
        assert not page.get_by_label("What is stored").count()
    assert "without “/”" in name.get_attribute("title")
    kept(page, "name")
    name.fill("Zoë-2 (at home)")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector(".chat")


def test_a_reply_that_breaks_off_is_kept_and_told(page):
    begin(page)
    half = 'event: sentence\ndata: {"text": "I hear you."}\n\n'
    page.route("**/say", lambda route: route.fulfill(body=half, content_type="text/event-stream"))
    say(page, "I failed my exam.")
    page.get_by_role("alert").get_by_text("broke off").wait_for()
    assert "I hear you. … (broken off)" in page.locator(".chat").inner_text()
    kept(page, "broken")
    page.unroute("**/say")
    say(page, "And my sister passed.")
    page.wait_for_selector("button.bubble.companion")
    assert not page.get_by_role("alert").count()
    assert "I hear you." in page.locator(".chat").inner_text()


def test_who_forgets_everything_leaves_the_talk(page):
    begin(page, "lea")
    say(page, "I failed my exam.")
    page.wait_for_selector("button.bubble.companion")
    stored = page.get_by_label("What is stored")
    stored.get_by_text("1 talk, kept 30 days; 0 memories, kept until forgotten").wait_for()
    stored.get_by_role("button", name="Forget everything").click()
    page.get_by_role("button", name="Begin").wait_for()
    stored.get_by_text("0 talks").wait_for()
    page.get_by_role("button", name="Begin").click()
    say(page, "Hello again.")
    page.wait_for_selector("button.bubble.companion")
    assert not page.get_by_role("alert").count()


def test_labels_by_hand_change_alpha(page):
    read(page)
    turn_to(page, "Annotate")
    alpha = page.locator("[data-alpha]")
    before = alpha.inner_text()
    assert not page.locator("ol.turns .chip", has_text="sadness").count()  # the machine's view is hidden until then
    for turn, label in (("t1", "sadness"), ("t2", "surprise"), ("t3", "anger")):
        page.locator(f"[data-turn={turn}]").get_by_role("button", name=label, exact=True).click()
    assert "3 of 3 turns" in alpha.inner_text()
    agreeing = alpha.inner_text()
    assert agreeing != before
    page.locator("[data-turn=t3]").get_by_role("button", name="joy", exact=True).click()
    assert alpha.inner_text() != agreeing
    kept(page, "annotate")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Keep as JSON lines").click()
    lines = Path(coming.value.path()).read_text().splitlines()
    assert sum('"human:me"' in line for line in lines) == 4


def test_words_are_labelled_and_other_people_stand_beside(page):
    read(page)
    turn_to(page, "Annotate")
    turn = page.locator("[data-turn=t3]")
    turn.get_by_text("only some of the words").click()
    field = turn.get_by_label("Mark words of turn t3")
    field.focus()
    field.evaluate("field => field.setSelectionRange(16, 28)")
    turn.get_by_text("characters 16 to 28").wait_for()
    turn.get_by_role("button", name="anger", exact=True).click()
    turn.get_by_text("“I'm so angry” anger").wait_for()
    assert "0 of 3 turns" in page.locator("[data-alpha]").inner_text()
    turn.get_by_role("button", name="sadness", exact=True).click()  # the words are still marked
    assert turn.locator(".chip", has_text="“").count() == 2
    page.get_by_label("You are").fill("ben")
    page.get_by_role("button", name="Look at turn t1").click()
    page.keyboard.press("5")
    page.get_by_label("You are").fill("cleo")
    page.locator("[data-turn=t1]").get_by_role("button", name="joy", exact=True).click()
    page.locator("[data-turn=t1]").get_by_text("human:ben: sadness").wait_for()


def test_a_rater_may_be_called_by_an_address(page):
    read(page)
    turn_to(page, "Annotate")
    page.get_by_label("You are").fill("ana@example.org")
    joy = page.locator("[data-turn=t1]").get_by_role("button", name="joy", exact=True)
    joy.click()
    assert "1 of 3 turns" in page.locator("[data-alpha]").inner_text()
    assert joy.get_attribute("aria-pressed") == "true"
    people = page.locator("[aria-label=Agreement] td:first-child").all_inner_texts()
    assert [one for one in people if one.startswith("human:")] == ["human:ana@example.org"]


def test_the_machines_view_comes_back_where_it_gave_none_of_the_labels(page, tmp_path):
    turn = {"kind": "turn", "id": "t1", "speaker": "ana", "text": "It is over."}
    told = {"layer": "emotion", "scheme": "goemotions", "rater": "text.encoder@1", "scores": {"grief": 0.9}}
    told |= {"kind": "annotation", "id": "a1", "at": {"turn": "t1"}, "labels": ["grief"]}
    file = tmp_path / "talk.jsonl"
    file.write_text("".join(json.dumps({**one, "conversation": "x"}) + "\n" for one in (turn, told)))
    read_file(page, file)
    page.wait_for_selector("ol.turns li")
    turn_to(page, "Annotate")
    assert not page.locator(".chip.sadness").count()
    page.get_by_label(re.compile("^hide the machine")).uncheck()
    assert page.locator(".chip.sadness").inner_text() == "grief .90"


def test_what_was_measured_is_compared_with_its_intervals(page):
    turn_to(page, "Compare")
    page.wait_for_selector("td svg")
    page.get_by_label("Study").select_option("leia")
    assert "insula study leia" in page.inner_text("main")
    kept(page, "compare")


def test_answers_stay_under_the_names_of_who_gave_them(page):
    turn_to(page, "Compare")
    page.get_by_role("button", name="side by side").click()
    page.get_by_label("Exam").select_option("over-refusal")
    page.get_by_label("Model").fill("composer")
    page.get_by_label("against").fill("companion")
    page.get_by_label("questions").fill("2")
    page.get_by_role("button", name="Ask both").click()
    item = page.get_by_label("One item")
    item.wait_for(timeout=120_000)
    kept(page, "side-by-side")
    before = item.inner_text()
    page.get_by_label("Exam").select_option("attachment")
    page.get_by_label("Model").fill("somebody else")
    assert item.inner_text() == before
    assert item.locator("h3").all_text_contents() == ["composer", "companion"]
    assert page.get_by_role("heading", name="over-refusal").count() == 1


@pytest.mark.skipif(not os.environ.get("INSULA_DATA"), reason="INSULA_DATA is not set")
def test_a_pipeline_is_measured_with_its_reliability(page):
    turn_to(page, "Compare")
    page.get_by_role("button", name="pipelines").click()
    page.get_by_label("Benchmark").select_option("enisear")
    page.get_by_label("texts").fill("60")
    page.get_by_role("button", name="Measure", exact=True).click()
    page.wait_for_selector("iframe", timeout=240_000)
    report = page.frame_locator("iframe")
    report.get_by_text(re.compile("^Reliability")).first.wait_for()
    assert page.locator("td svg").count() >= 1
    page.get_by_label("Benchmark").select_option("emobank")
    assert page.locator("main h2").first.inner_text().startswith("enisear, read by ")
    kept(page, "pipelines")


def test_simulated_people_are_let_talk(page):
    turn_to(page, "People")
    page.get_by_label("How many?").fill("2")
    page.get_by_role("button", name="Let them talk").click()
    page.wait_for_selector("section[aria-label=guarded] svg", timeout=120_000)
    page.locator("section[aria-label=guarded] button").first.click()
    page.wait_for_selector("section[aria-label='One talk'] .bubble")
    kept(page, "people")


def test_methods_papers_and_schemes_are_found(page):
    turn_to(page, "Methods")
    page.get_by_label("Search").fill("text.encoder")
    page.wait_for_selector("td:has-text('text.encoder')")
    kept(page, "methods")
    page.get_by_label("Search").fill("")
    page.get_by_role("button", name=re.compile("^papers")).click()
    page.wait_for_selector("td:has-text('works')")


def test_it_is_there_at_once_and_small(browser, server):
    context = browser.new_context()
    opened, sizes = context.new_page(), []
    opened.on("response", lambda reply: sizes.append(len(reply.body())))
    began = time.perf_counter()
    opened.goto(f"{server}/studio/")
    opened.wait_for_selector("button:has-text('Read')")
    seconds = time.perf_counter() - began
    context.close()
    assert sum(sizes) < 300_000
    assert seconds < 5  # under 1 s on a machine that does nothing else


def test_narrow_screens_do_not_scroll_sideways(page):
    page.set_viewport_size({"width": 360, "height": 740})
    read(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    kept(page, "narrow")


@pytest.mark.parametrize("name", ["Read", "Talk", "Annotate", "Compare", "People", "Methods"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.emulate_media(color_scheme=scheme)
    read(page)
    turn_to(page, name)
    if name == "Talk":
        page.get_by_role("button", name="Begin").click()
        say(page, "I failed my exam.")
        page.wait_for_selector("section[aria-label='Why this answer'] li")
    page.wait_for_timeout(300)
    found = axe.run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:150]) for one in found if one["impact"] in ("serious", "critical")]
    assert not serious


def test_two_thousand_turns_scroll_smoothly(page, tmp_path):
    lines = []
    for k in range(2000):
        speaker, feeling = "ab"[k % 2], ["joy", "sadness", "anger", "neutral"][k % 4]
        text = f"This is turn {k}, and it goes on for about as long as people talk at a time." * (1 + k % 3)
        lines.append(
            {"kind": "turn", "id": f"t{k}", "speaker": speaker, "text": text, "seconds": [1.8 * k, 1.8 * k + 1.7]}
        )
        scores = {feeling: 0.7, "neutral" if feeling != "neutral" else "joy": 0.3}
        about = {"layer": "emotion", "scheme": "ekman7", "rater": "text.encoder", "scores": scores, "labels": [feeling]}
        lines.append({"kind": "annotation", "id": f"a{k}", "at": {"turn": f"t{k}"}, **about})
    file = tmp_path / "long.jsonl"
    file.write_text("\n".join(json.dumps({**one, "conversation": "long"}) for one in lines))
    read_file(page, file)
    page.wait_for_selector("[data-turn=t1999]", state="attached")
    page.wait_for_timeout(500)
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})  # of its own, whatever else the machine does

    def spent():
        return next(x["value"] for x in tools.send("Performance.getMetrics")["metrics"] if x["name"] == "TaskDuration")

    before = spent()
    page.evaluate(
        """async () => {
            for (let k = 0; k < 60; k++) {
                scrollBy(0, 900);
                await new Promise(requestAnimationFrame);
            }
        }"""
    )
    each = 1000 * (spent() - before) / 60
    assert each < 16, f"a frame takes {each:.0f} ms of the page's thread: under 60 a second"
