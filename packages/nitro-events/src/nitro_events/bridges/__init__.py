"""Durable handlers as tasks of Celery, Dramatiq or Taskiq, run by their workers.

The relay (in the application, or ``nitro worker``) hands each message over under its own id; the
task runs the handler in a unit that marks the message as handled, so a task that comes twice has
one effect. What goes over the broker is JSON and names the message; what the event carries stays
in the store. When the handler fails the task fails, for their tools to show, and the relay hands
it over again after the pause that `nitro_events.durable.Retry` says; dead letters are ours too.
"""
