"""What the scope of a request keeps for us, beside what Litestar keeps there."""

__all__ = ["RECEIVE", "REQUEST", "SESSION"]

REQUEST = "nitro_request"
"""Our request, for what is answered outside of its context."""
RECEIVE = "nitro_receive"
"""What gives the body to the outermost middleware of the application."""
SESSION = "nitro_session"
"""The session as it was before the handler was called."""
