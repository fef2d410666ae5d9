"""What is a user agent: which browser and device, and is it a person's at all?

Two kept lists answer: ua-parser names browser, system and device; CrawlerDetect knows robots, feed readers and scripts.
An agent is a bot when either says so, or when it names nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from crawlerdetect import CrawlerDetect
from ua_parser import parse

MAX_AGENT = 512  # characters looked at; longer ones are made up
_TABLETS = ("iPad", "Tablet", "Kindle", "PlayBook")
_DESKTOPS = ("Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Chrome OS", "FreeBSD", "Debian")


class Agent(NamedTuple):
    """What an agent says of itself; a field it does not say is empty."""

    bot: bool
    browser: str = ""
    version: str = ""
    system: str = ""
    device: str = ""  # mobile, tablet or desktop


@lru_cache(maxsize=1)
def _crawlers() -> CrawlerDetect:
    return CrawlerDetect()


@lru_cache(maxsize=20_000)
def agent_of(text: str) -> Agent:
    """What this user agent is.

    Example:
        >>> agent_of("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").bot
        True
    """
    text = text[:MAX_AGENT].strip()
    if text in {"", "-"}:
        return Agent(bot=True)
    found = parse(text)
    browser, system, device = found.user_agent, found.os, found.device
    spider = device is not None and device.family == "Spider"
    bot = spider or bool(_crawlers().is_crawler(text))
    name = browser.family if browser else ""
    version = (browser.major or "") if browser else ""
    os_name = system.family if system else ""
    return Agent(bot, name, version, os_name, "" if bot else _device(text, os_name))


def _device(text: str, system: str) -> str:
    if any(word in text for word in _TABLETS) or ("Android" in text and "Mobile" not in text):
        return "tablet"
    if "Mobile" in text or "iPhone" in text or system in {"iOS", "Android", "Windows Phone"}:
        return "mobile"
    return "desktop" if system.startswith(_DESKTOPS) else ""
