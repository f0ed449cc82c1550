-- Called by lease_due, never repeated. Leases that ran out go back to due, then what is due is leased.
-- KEYS: due, in_flight, watermark. ARGV: until (ms), lease (ms), limit, number of lanes.
-- Returns the members, earliest first, spaces between; nil if not loaded for this number of lanes.
if (redis.call('GET', KEYS[3]) or ''):match(':(%d+)$') ~= ARGV[4] then return false end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function move(from, to, up_to, score)
  local members = redis.call('ZRANGE', from, '-inf', up_to, 'BYSCORE', 'LIMIT', 0, ARGV[3])
  for first = 1, #members, 1000 do  -- unpack has a limit
    local last, scored = math.min(first + 999, #members), {}
    for i = first, last do scored[#scored + 1] = score; scored[#scored + 1] = members[i] end
    redis.call('ZREM', from, unpack(members, first, last))  -- first: so it works in full memory
    redis.call('ZADD', to, unpack(scored))
  end
  return members
end
move(KEYS[2], KEYS[1], now, ARGV[1])
return table.concat(move(KEYS[1], KEYS[2], ARGV[1], ('%.0f'):format(now + ARGV[2])), ' ')
