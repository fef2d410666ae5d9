"""What a person does in the console happens on the server: keys, segments, journeys, messages, imports, signing out."""

import re

import httpx
import pytest
from browser_kit import OWNER, check_access, settled
from playwright.sync_api import expect
from shop import wait_until

pytestmark = pytest.mark.e2e


def test_a_search_stands_in_the_address_and_narrows_the_list(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/customers")
    settled(page)
    page.get_by_role("textbox", name="Name, e-mail").fill("person-11@shop.example")
    page.get_by_text("1 customer", exact=True).wait_for()
    assert "q=person-11" in page.url
    assert page.get_by_role("link", name="Person 11").is_visible()


def test_a_segment_is_counted_while_it_is_built_and_kept_when_saved(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/segments/new")
    page.get_by_label("Name in English").fill("Regulars")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_role("menuitem", name="What the customer did", exact=True).click()
    page.get_by_label("Event", exact=True).click()
    page.get_by_label("Event", exact=True).fill("Order completed")
    page.get_by_label("Event", exact=True).press("Enter")
    page.get_by_role("spinbutton", name="Value").fill("3")
    page.get_by_text("of 24 customers (33.3%)").wait_for()  # n % 3 == 2 ordered three times: 8 of 24
    expect(page.locator(".count-big")).to_have_text("8")
    check_access(page, "segment being built")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", level=1, name="Regulars").wait_for()
    with shop.api() as api:
        saved = api.get("/segments/regulars").json()
    (leaf,) = saved["condition"]["of"]
    assert (leaf["event"], leaf["op"], leaf["value"], leaf["within"]) == ("Order Completed", "gte", 3, "30d")


def test_a_key_is_shown_once_works_and_stops_when_revoked(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/keys")
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Till")
    dialog.get_by_role("button", name="Create").click()
    key = dialog.locator(".mono").inner_text().strip()
    tag = dialog.locator("pre").inner_text()
    assert f'src="{shop.url}/sdk/homing.js" data-write-key="{key}"' in tag
    check_access(page, "key shown once")
    send = {"type": "track", "event": "Cart Viewed", "anonymousId": "passer-by"}
    assert httpx.post(f"{shop.url}/v1/track", json=send, auth=(key, "")).status_code == 200
    dialog.get_by_role("button", name="I have kept it").click()
    row = page.get_by_role("row").filter(has_text="Till")
    assert key not in row.inner_text()
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    row.get_by_text("Revoked").wait_for()
    wait_until(
        lambda: httpx.post(f"{shop.url}/v1/track", json=send, auth=(key, "")).status_code == 401,
        "the revoked key is refused",
    )


def test_events_appear_as_they_arrive_and_wait_while_paused(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/events")
    page.get_by_text("live", exact=True).wait_for()
    with shop.api() as api:
        key = api.post("/keys", json={"kind": "write", "name": "Live"}).json()["key"]

    def view(cookie: str) -> None:
        body = {"type": "track", "event": f"Looked {cookie}", "anonymousId": cookie}
        assert httpx.post(f"{shop.url}/v1/track", json=body, auth=(key, "")).status_code == 200

    view("one")
    page.get_by_role("button").filter(has_text="Looked one").wait_for()
    page.get_by_role("button", name="Pause").click()
    view("two")
    page.get_by_role("button", name="Go on (1 waiting)").click()
    page.get_by_role("button").filter(has_text="Looked two").click()
    page.get_by_role("dialog").get_by_text('"event_id"').wait_for()


def test_what_was_malformed_is_listed_with_its_reason(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/rejected")
    settled(page)
    assert page.get_by_text("The time cannot be read").first.is_visible()


def test_a_published_journey_sends_and_the_customer_shows_what_she_received_or_why_not(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/journeys/say-thanks")
    settled(page)
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    page.get_by_text("It is live", exact=True).wait_for()

    with shop.api() as api:
        wait_until(lambda: api.get("/journeys/say-thanks").json()["nodes"]["mail"]["sent"] > 10, "messages are sent")
        nodes = api.get("/journeys/say-thanks").json()["nodes"]
        assert nodes["mail"]["sent"] + nodes["mail"]["refused"]["holdout"] == 24
        rows = [row["customer_id"] for row in api.get("/customers", params={"segment": "buyers"}).json()["items"]]
        sends = {who: api.get(f"/customers/{who}/messages").json()["items"][0] for who in rows}
    got = next(who for who, send in sends.items() if send["subject"])
    held = next(who for who, send in sends.items() if send["reason"] == "holdout")

    page.reload()
    page.locator(".step").filter(has_text="Thank you").first.get_by_text(re.compile("^sent")).wait_for()
    page.locator(".react-flow__node").filter(has_text="Thank you").first.click()
    page.get_by_text("Held out, for measurement").wait_for()
    check_access(page, "journey live")

    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.goto(f"{shop.url}/customers/{got}?tab=messages")
    page.get_by_role("link", name="Thank you, Person").click()
    frame = page.frame_locator("iframe[title='The message as it was received']")
    frame.get_by_text("Come again soon.").wait_for()
    frame.get_by_text("Shop", exact=True).click()
    # What is asked now is seen after whatever the click may have asked for.
    page.evaluate("fetch('/api/overview').then((answer) => answer.text())")
    assert [url for url in seen if url.endswith("/api/overview")]
    check_access(page, "message received")
    assert [url for url in seen if re.search(r"/(t|u)/", url)] == []  # reading it here is no open and no click
    page.get_by_role("tab", name="Headers").click()
    expect(page.get_by_role("dialog")).to_contain_text("List-Unsubscribe")

    page.goto(f"{shop.url}/customers/{held}?tab=messages")
    page.locator(".why-not").first.wait_for()
    expect(page.locator(".why-not").first).to_contain_text("Held out")
    check_access(page, "message not sent")

    page.goto(f"{shop.url}/campaigns/thanks-campaign")
    settled(page)
    check_access(page, "campaign running")


def test_a_step_is_put_into_an_edge_and_undone(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/journeys/say-thanks")
    settled(page)
    before = page.locator(".react-flow__node").count()
    page.get_by_role("button", name="Add a step here").first.click()
    page.get_by_role("menuitem", name="Wait", exact=True).click()
    page.get_by_text("not saved").wait_for()
    expect(page.locator(".react-flow__node")).to_have_count(before + 1)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("not saved").wait_for(state="detached")
    expect(page.locator(".react-flow__node")).to_have_count(before)


def test_the_one_time_link_works_once_and_a_wrong_password_is_refused(open_page, shop, browser, signed_in):
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(shop.setup)
    page.get_by_role("heading", name="Sign in").wait_for()
    page.goto(f"{shop.url}/customers")
    page.wait_for_url("**/sign-in?next=%2Fcustomers")
    check_access(page, "sign in")
    page.get_by_label("E-mail").fill(OWNER[0])
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Password", exact=True).fill(OWNER[1])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1, name="Customers").wait_for()
    page.get_by_role("button", name="Owner").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    context.close()
