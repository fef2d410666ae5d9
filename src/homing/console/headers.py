"""What may a page of the console do in the browser?

Nothing comes from, or goes to, another host. Styles may be inline because the component library writes them at run
time; scripts may not. A received message is shown in a sandboxed frame that inherits this policy, so a picture in it
cannot call home. The address is never passed on as referrer: the one-time set-up link carries a token.
"""

from typing import Final

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS: Final[dict[str, str]] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

REVALIDATE: Final = "no-cache"
FOREVER: Final = "public, max-age=31536000, immutable"
