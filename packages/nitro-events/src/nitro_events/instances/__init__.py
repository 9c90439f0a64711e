"""Several instances of one application: what one of them tells, all of them hear.

Nothing here connects anywhere before there is a URL and something to tell or to hear.
"""

from __future__ import annotations

from nitro_events.instances.broker import Broker as Broker
from nitro_events.instances.broker import BrokerClosed as BrokerClosed
from nitro_events.instances.broker import QueueFull as QueueFull
from nitro_events.instances.broker import broker as broker
from nitro_events.instances.events import begin as begin
from nitro_events.instances.events import is_shared as is_shared
from nitro_events.instances.events import share as share
from nitro_events.instances.events import tell as tell

__all__ = ["Broker", "BrokerClosed", "QueueFull", "begin", "broker", "is_shared", "share", "tell"]
