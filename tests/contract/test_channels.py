"""Every channel keeps the channel's promises; a new one is held to them the day it is registered."""

from __future__ import annotations

import socket

import pytest
from pydantic import ValidationError

from homing.act.channels import Channel, ChannelDown, Message, channels
from homing.core.errors import Refused, Upstream
from homing.govern import permit
from homing.storage import schema
from homing.storage.state import State
from homing.storage.state.store import upsert
from smtp_sink import Sink

NAMES = [name for name, _ in channels.items()]
MESSAGE = Message(
    "m_1", "ann@shoppers.example", "Hello\r\nBcc: x@y.example", ".\n..\nA line that begins with a dot\n", "<p>Hi</p>"
)


@pytest.fixture
def leave(tmp_path):
    """Makes permits for Ann."""
    state = State(tmp_path / "state.db")

    def made(address: str = MESSAGE.address, channel: str = "email"):
        with state.write() as conn:
            said = {"purpose": "marketing", "channel": channel, "status": "granted", "since_us": 1, "source_id": "shop"}
            upsert(conn, schema.consent, [{"customer_id": "ann"} | said])
        with state.read() as conn:
            return permit(conn, "ann", channel, "marketing", address, 1_772_442_000_000_000, "opt_in")

    yield made
    state.close()


@pytest.fixture
def sink():
    made = Sink().start()
    yield made
    made.stop()


@pytest.fixture
def works(sink):
    """Each channel set up so that it works here."""
    settings = {"email": {"port": sink.port}}
    made = {name: cls.model_validate(settings.get(name, {})) for name, cls in channels.items()}
    yield made
    for channel in made.values():
        channel.close()


def broken(name: str) -> Channel:
    """The same channel with nobody at the other side."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    return channels.get(name).model_validate(
        {"email": {"port": port, "timeout_s": 0.5}, "sandbox": {"down": True}}[name]
    )


def test_there_are_channels():
    assert {"email", "sandbox"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_message_with_a_permit_is_taken(works, leave, name):
    assert isinstance(works[name].send(MESSAGE, leave()), str)
    assert works[name].look_up("m_1") in {True, None}
    assert works[name].look_up("m_never") in {False, None}


@pytest.mark.parametrize("name", NAMES)
def test_a_permit_for_another_address_or_used_before_is_refused(works, leave, name):
    with pytest.raises(Refused):
        works[name].send(MESSAGE, leave("bob@shoppers.example"))
    used = leave()
    works[name].send(MESSAGE, used)
    with pytest.raises(Refused):
        works[name].send(MESSAGE, used)


@pytest.mark.parametrize("name", NAMES)
def test_a_channel_that_cannot_send_says_it_is_down_and_holds_no_address_in_its_words(leave, name):
    with pytest.raises(ChannelDown) as met:
        broken(name).send(MESSAGE, leave())
    assert isinstance(met.value, Upstream)
    assert MESSAGE.address not in met.value.message


@pytest.mark.parametrize("name", NAMES)
def test_a_channel_can_be_closed_twice_and_used_again(works, leave, name):
    works[name].send(MESSAGE, leave())
    works[name].close()
    works[name].close()
    works[name].send(MESSAGE, leave())


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_frozen_and_know_no_strangers(name):
    made = channels.get(name)()
    with pytest.raises(ValidationError):
        channels.get(name).model_validate({"no_such_setting": 1})
    field = next(iter(type(made).model_fields))
    with pytest.raises(ValidationError):
        setattr(made, field, getattr(made, field))


@pytest.mark.parametrize("name", NAMES)
def test_the_form_has_words_in_both_languages_and_so_has_the_docstring(name):
    cls = channels.get(name)
    for field, schema_of in cls.model_json_schema()["properties"].items():
        assert schema_of["title"] != field
        assert any("\u4e00" <= c <= "\u9fff" for c in schema_of["x-title-zh"]), field
    assert any("\u4e00" <= c <= "\u9fff" for c in cls.__doc__ or "")


def test_a_line_end_in_a_subject_makes_no_header_and_dots_arrive(works, leave, sink):
    works["email"].send(MESSAGE, leave())
    (got,) = sink.messages
    assert got["Bcc"] is None
    assert got["Subject"] == "Hello Bcc: x@y.example"
    assert got.get_body(("plain",)).get_content() == MESSAGE.text
