-- Called by move_watermark: compare and set.
-- KEYS: watermark. ARGV: the value it must have ('' for none of this number of lanes),
-- the new value, the number of lanes. A value is "<loaded until, µs>[/<id>]:<number of lanes>".
-- Returns 1, or 0 if another tick moved it or a flush removed it.
local value = redis.call('GET', KEYS[1]) or ''
local ours = value:match(':(%d+)$') == ARGV[3]
if ARGV[1] == '' and ours or ARGV[1] ~= '' and ARGV[1] ~= value then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
