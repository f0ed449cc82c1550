-- Called by settle. KEYS: in_flight. ARGV: members with spaces between (quicker than many).
-- Returns how many were in flight.
local members = {}
for member in ARGV[1]:gmatch('%S+') do members[#members + 1] = member end
return redis.call('ZREM', KEYS[1], unpack(members))
