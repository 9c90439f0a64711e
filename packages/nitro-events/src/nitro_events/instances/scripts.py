"""What Redis does in one step, so that nobody sees half of it."""

from __future__ import annotations

import hashlib

__all__ = ["APPEND", "RENEW", "STANDING", "Script"]

SENDER_SECONDS = 24 * 60 * 60
"""How long the last number of a sender is kept: far longer than anything is sent again."""

# KEYS: the stream, what is known of it. ARGV: a fresh epoch. The entry that begins an epoch
# stays the first one until the stream is cut, so that a cut can be told from a short stream.
_BEGIN = """
local stream, meta = KEYS[1], KEYS[2]
local epoch = redis.call('HGET', meta, 'epoch')
local function begin()
  epoch = ARGV[1]
  local id = redis.call('XADD', stream, '*', 'epoch', epoch, 'index', 0)
  redis.call('HSET', meta, 'epoch', epoch, 'index', 0, 'begin', id)
end
if not epoch or redis.call('EXISTS', stream) == 0 then begin() end
"""

_APPEND = (
    _BEGIN
    + """
local keep, sender, acknowledged = ARGV[2], ARGV[3], tonumber(ARGV[4])
local seen = tonumber(redis.call('GET', KEYS[3]) or '-1')
if seen >= 0 and seen < acknowledged then begin() end
local index = tonumber(redis.call('HGET', meta, 'index'))
for at = 5, #ARGV, 4 do
  local number = tonumber(ARGV[at])
  if number > seen then
    index = index + 1
    redis.call('XADD', stream, 'MAXLEN', '~', keep, '*', 'epoch', epoch, 'index', index,
      'sender', sender, 'number', number, 'head', ARGV[at + 1], 'data', ARGV[at + 2],
      'seal', ARGV[at + 3])
    seen = number
  end
end
redis.call('HSET', meta, 'index', index)
"""
    + f"redis.call('SET', KEYS[3], seen, 'EX', {SENDER_SECONDS})"
)

_STANDING = (
    _BEGIN
    + """
local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
local known = redis.call('HMGET', meta, 'begin', 'index')
return {epoch, known[1], known[2], oldest[1], newest[1], newest[2]}
"""
)

_RENEW = _BEGIN + "if epoch == ARGV[2] then begin() end"


class Script:
    """A script and the name under which the server remembers it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode()).hexdigest()


APPEND = Script(_APPEND)
STANDING = Script(_STANDING)
RENEW = Script(_RENEW)
