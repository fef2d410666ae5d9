"""By what ways do messages leave? One file a channel, in one registry."""

from homing.act.channels.channel import (
    Bounced,
    Channel,
    ChannelDown,
    Message,
    Unclear,
    channels,
)
from homing.core.settings import Settings

__all__ = ["Bounced", "Channel", "ChannelDown", "Message", "Unclear", "channels", "make"]


def make(settings: Settings) -> dict[str, Channel]:
    """The channels of a workspace, by name, as its settings have them."""
    return {"email": channels.get("email").model_validate(settings.smtp.model_dump())}
