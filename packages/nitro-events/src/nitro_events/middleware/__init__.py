"""The way of one call, in-process or over HTTP: what happens around its handler.

A middleware is a generator function. It gets the `Work`, runs the rest of the chain by a bare
``yield``, and returns the result, so one text serves sync and async calls alike::

    def timed(work: Work) -> Steps:
        began = time.perf_counter()
        result = yield
        log.info("%s took %.3f s", work.name, time.perf_counter() - began)
        return result

    configure(middleware=[timed])            # around everything, once for each call
    configure(middleware=[timed, ..., audit])  # audit: inside the unit, once for each attempt

What comes after ``...`` runs next to the handler, where the arguments are read and what it saves
is committed with the effect.

Our own, from the outside to the inside: tracing, the turn of an idempotency key, retry, unit,
permission, validation, the reply of a key. Retry stands outside of the unit, as it has to begin
a new one; who may is asked inside of it, as it may depend on the entity that is loaded there, and
again at each attempt.
"""

from nitro_events.middleware.work import Blocking, Middleware, Pause, Steps, Work

__all__ = ["Blocking", "Middleware", "Pause", "Steps", "Work"]
