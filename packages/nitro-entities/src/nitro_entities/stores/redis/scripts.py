"""What runs inside the server, each as one step: others see all of it or nothing.

No number passes through Lua, which has only floating ones: all that is stored comes as text.
Everything is checked before the first key is written, because a script that fails is not undone.
"""

from nitro_entities.stores.redis.connections import Script

# why a commit is sent
FIRST, AGAIN, TRIAL = b"0", b"1", b"2"

_SEEN = """
if ARGV[2] == '1' then
  for _, record in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 10000)) do
    if record[2][2] == ARGV[1] then return record[1] end
  end
end
"""

_DROP = """
local function entries_of(name, key)
  return redis.call('HGET', name .. '#entries', key)
end
local function drop(name, key, packed)
  local found = cmsgpack.unpack(packed)
  for i = 1, #found, 2 do
    local place = name .. found[i]
    if string.sub(found[i], 1, 2) ~= '#u' then
      redis.call('ZREM', place, found[i + 1])
    elseif redis.call('HGET', place, found[i + 1]) == key then
      redis.call('HDEL', place, found[i + 1])
    end
  end
  redis.call('HDEL', name .. '#entries', key)
end
local function enter(name, key, found)
  for i = 1, #found, 2 do
    local place = name .. found[i]
    if string.sub(found[i], 1, 2) ~= '#u' then
      redis.call('ZADD', place, 0, found[i + 1])
    else
      redis.call('HSET', place, found[i + 1], key)
    end
  end
  redis.call('HSET', name .. '#entries', key, cmsgpack.pack(found))
end
"""

COMMIT = Script(
    _DROP
    + """
-- KEYS: changes, outbox, messages
-- ARGV: token, 1 if it is sent again and 2 if nothing is to be written, how many records are
--       kept, the record, the number of writes, of messages; then the parts of each
"""
    + _SEEN
    + """
local checked = {}
local function has_type(place, wanted)
  if checked[place] then return true end
  checked[place] = true
  local found = redis.call('TYPE', place).ok
  return found == wanted or found == 'none'
end
if not has_type(KEYS[1], 'stream') then return {0, 'type', KEYS[1]} end

local at, writes, batch, claimed, layouts = 7, {}, {}, {}, {}
for n = 1, tonumber(ARGV[5]) do
  local w = {
    op = ARGV[at], name = ARGV[at + 1], key = ARGV[at + 3], expected = ARGV[at + 4],
    value = ARGV[at + 5], expires = ARGV[at + 6], keeps = ARGV[at + 7] == '1', entries = {},
  }
  local first, count = at + 9, tonumber(ARGV[at + 8])
  for i = first, first + count - 1 do w.entries[#w.entries + 1] = ARGV[i] end
  w.row = w.name .. ':' .. w.key
  if not layouts[w.name] then
    layouts[w.name] = true
    local known = redis.call('GET', w.name .. '#layout')
    if known ~= ARGV[at + 2] then
      if known or redis.call('EXISTS', w.name .. '#ids') == 1 then return {n, 'layout', ''} end
      redis.call('SET', w.name .. '#layout', ARGV[at + 2])
    end
    if not has_type(w.name .. '#entries', 'hash') then
      return {n, 'type', w.name .. '#entries'}
    end
  end
  for i = 1, count, 2 do
    local place = w.name .. w.entries[i]
    local wanted = string.sub(w.entries[i], 1, 2) == '#u' and 'hash' or 'zset'
    if not has_type(place, wanted) then return {n, 'type', place} end
  end
  if w.expected == '' then
    if redis.call('EXISTS', w.row) == 1 then return {n, 'version', ''} end
  elseif w.expected ~= '*' then
    local head = redis.call('GETRANGE', w.row, 0, #w.expected - 1)
    if head ~= w.expected and not (w.op == 'remove' and head == '') then
      return {n, 'version', ''}
    end
  end
  if w.op ~= 'check' then batch[w.row] = true end
  writes[n] = w
  at = first + count
end

for n, w in ipairs(writes) do
  if w.keeps and w.op == 'set' then
    for i = 1, #w.entries, 2 do
      if string.sub(w.entries[i], 1, 2) == '#u' then
        local place, value = w.name .. w.entries[i], w.entries[i + 1]
        if claimed[place .. '\\0' .. value] then return {n, 'unique', w.entries[i]} end
        claimed[place .. '\\0' .. value] = true
        local holder = redis.call('HGET', place, value)
        if holder and holder ~= w.key and not batch[w.name .. ':' .. holder] then
          if redis.call('EXISTS', w.name .. ':' .. holder) == 1 then
            return {n, 'unique', w.entries[i]}
          end
          local packed = entries_of(w.name, holder)  -- it has expired
          if packed then drop(w.name, holder, packed) end
        end
      end
    end
  end
end

if ARGV[2] == '2' then return '' end
local written = false
for _, w in ipairs(writes) do
  if w.keeps and w.op ~= 'check' then
    local packed = entries_of(w.name, w.key)
    w.same = w.op == 'set' and packed == cmsgpack.pack(w.entries)
    if packed and not w.same then drop(w.name, w.key, packed) end
  end
end
for _, w in ipairs(writes) do
  if w.op == 'set' then
    written = true
    if w.keeps then
      if not w.same then enter(w.name, w.key, w.entries) end
    elseif w.expected == '' or w.expected == '*' then
      redis.call('ZADD', w.name .. w.entries[1], 0, w.entries[2])
    end
    redis.call('SET', w.row, w.value)
    if w.expires ~= '' then redis.call('PEXPIREAT', w.row, w.expires) end
  elseif w.op == 'remove' then
    written = true
    if not w.keeps then redis.call('ZREM', w.name .. w.entries[1], w.entries[2]) end
    redis.call('DEL', w.row)
  end
end
for n = 1, tonumber(ARGV[6]) do
  written = true
  redis.call('ZADD', KEYS[2], redis.call('INCR', KEYS[2] .. ':n'), ARGV[at])
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
  at = at + 2
end
if not written then return '' end
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 't', ARGV[1], 'd', ARGV[4])
"""
)

SAVE = Script(
    _SEEN
    + """
-- The same for one row of a class without indexes, to be quick.
-- KEYS: changes, row, ids, layout
-- ARGV: token, whether it is sent again, how many records are kept, the record, layout,
--       expected, value, id
if redis.call('GET', KEYS[4]) ~= ARGV[5] then return '' end
if ARGV[6] == '' then
  if redis.call('EXISTS', KEYS[2]) == 1 then return {1, 'version', ''} end
elseif redis.call('GETRANGE', KEYS[2], 0, #ARGV[6] - 1) ~= ARGV[6] then
  return {1, 'version', ''}
end
local position = redis.call(
  'XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 't', ARGV[1], 'd', ARGV[4])
if ARGV[6] == '' then redis.call('ZADD', KEYS[3], 0, ARGV[8]) end
redis.call('SET', KEYS[2], ARGV[7])
return position
"""
)

SAVE_MANY = Script(
    _SEEN
    + """
-- The same for many rows of such a class.
-- KEYS: changes, ids, layout
-- ARGV: token, whether it is sent again, how many records are kept, the record, layout, what the
--       keys of rows begin with; then key, expected, value, id of each
local function has_type(place, wanted)
  local found = redis.call('TYPE', place).ok
  return found == wanted or found == 'none'
end
if redis.call('GET', KEYS[3]) ~= ARGV[5] then return '' end
if not has_type(KEYS[1], 'stream') or not has_type(KEYS[2], 'zset') then return '' end
local rows, ids = {}, {}
for i = 7, #ARGV, 4 do
  local row, expected = ARGV[6] .. ARGV[i], ARGV[i + 1]
  if expected == '' then
    if redis.call('EXISTS', row) == 1 then return {(i - 3) / 4, 'version', ''} end
    ids[#ids + 1] = '0'
    ids[#ids + 1] = ARGV[i + 3]
  elseif redis.call('GETRANGE', row, 0, #expected - 1) ~= expected then
    return {(i - 3) / 4, 'version', ''}
  end
  rows[#rows + 1] = row
  rows[#rows + 1] = ARGV[i + 2]
end
-- as many at once as the stack of Lua takes
for i = 1, #ids, 1000 do
  redis.call('ZADD', KEYS[2], unpack(ids, i, math.min(i + 999, #ids)))
end
for i = 1, #rows, 1000 do
  redis.call('MSET', unpack(rows, i, math.min(i + 999, #rows)))
end
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 't', ARGV[1], 'd', ARGV[4])
"""
)

WALK = Script(
    """
-- ARGV: name, layout, index, lowest, highest, whether from the highest, how many
local name = ARGV[1]
local known = redis.call('GET', name .. '#layout')
if known ~= ARGV[2] then
  if known or redis.call('EXISTS', name .. '#ids') == 1 then return 'layout' end
  return {{}, {}}
end
local found
if ARGV[6] == '1' then
  found = redis.call('ZREVRANGEBYLEX', name .. ARGV[3], ARGV[5], ARGV[4], 'LIMIT', 0, ARGV[7])
else
  found = redis.call('ZRANGEBYLEX', name .. ARGV[3], ARGV[4], ARGV[5], 'LIMIT', 0, ARGV[7])
end
if #found == 0 then return {{}, {}} end
local keys = {}
for i, entry in ipairs(found) do keys[i] = name .. ':' .. string.match(entry, '[^%z]*$') end
return {found, redis.call('MGET', unpack(keys))}
"""
)

COUNT = Script(
    """
-- ARGV: name, layout; then index, lowest, highest of each range
local name = ARGV[1]
local known = redis.call('GET', name .. '#layout')
if known ~= ARGV[2] and (known or redis.call('EXISTS', name .. '#ids') == 1) then
  return 'layout'
end
local counts = {}
for i = 3, #ARGV, 3 do
  counts[#counts + 1] = redis.call('ZLEXCOUNT', name .. ARGV[i], ARGV[i + 1], ARGV[i + 2])
end
return counts
"""
)

SWEEP = Script(
    _DROP
    + """
-- ARGV: name; then keys whose rows may have expired
for i = 2, #ARGV do
  if redis.call('EXISTS', ARGV[1] .. ':' .. ARGV[i]) == 0 then
    local packed = entries_of(ARGV[1], ARGV[i])
    if packed then drop(ARGV[1], ARGV[i], packed) end
  end
end
return #ARGV - 1
"""
)

REINDEX = Script(
    _DROP
    + """
-- ARGV: name, whether entries are kept; then key, expected head, number of entries, entries
local name, at = ARGV[1], 3
while at <= #ARGV do
  local key, head, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  local found = {}
  for i = at + 3, at + 2 + count do found[#found + 1] = ARGV[i] end
  local packed = entries_of(name, key)
  if packed then drop(name, key, packed) end
  if redis.call('GETRANGE', name .. ':' .. key, 0, #head - 1) == head then
    for i = 1, #found, 2 do
      if string.sub(found[i], 1, 2) == '#u' then
        local holder = redis.call('HGET', name .. found[i], found[i + 1])
        if holder and holder ~= key then return {key, found[i], holder} end
      end
    end
    if ARGV[2] == '1' then
      enter(name, key, found)
    else
      redis.call('ZADD', name .. found[1], 0, found[2])
    end
  end
  at = at + 3 + count
end
return ''
"""
)

DONE = Script(
    """
-- KEYS: outbox, messages
for i = 1, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[i])
  redis.call('HDEL', KEYS[2], ARGV[i])
end
return #ARGV
"""
)

UNLOCK = Script(
    """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
)
