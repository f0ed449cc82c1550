-- Called by put. Adds members that are in neither set; says so if the lane's earliest due changed.
-- KEYS: due, in_flight. ARGV: wake channel, "score member score member ..." (quicker than many).
-- Returns how many were new.
local function earliest()
  return tonumber(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]) or math.huge
end
local scores, members, absent = {}, {}, {}
for score, member in ARGV[2]:gmatch('(%S+) (%S+)') do
  scores[#scores + 1] = score
  members[#members + 1] = member
end
local leases = redis.call('ZMSCORE', KEYS[2], unpack(members))
for i, member in ipairs(members) do
  if not leases[i] then absent[#absent + 1] = scores[i]; absent[#absent + 1] = member end
end
if #absent == 0 then return 0 end
local before = earliest()
local added = redis.call('ZADD', KEYS[1], 'NX', unpack(absent))
if earliest() < before then redis.call('PUBLISH', ARGV[1], '') end
return added
