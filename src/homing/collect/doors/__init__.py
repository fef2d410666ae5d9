"""Facts in over HTTP: Segment's calls and webhooks, from the bytes of a request to the bytes of its answer."""
