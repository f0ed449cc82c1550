-- Called by take. Fills a token bucket by the time that has passed, and takes a token if it can.
-- KEYS: bucket. ARGV: tokens per second, most tokens.
-- Returns 1 or 0 (whether one was taken), and the tokens that are left, as text.
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local tokens, at = (redis.call('GET', KEYS[1]) or ''):match('^([%d.]+) (%d+)$')
tokens = tokens and math.min(burst, tokens + math.max(0, now - at) * rate / 1000) or burst
local taken = tokens >= 1 and 1 or 0
tokens = tokens - taken
local full = math.ceil((burst - tokens) / rate * 1000) + 1  -- ms; then it need not be remembered
redis.call('SET', KEYS[1], ('%.6f %.0f'):format(tokens, now), 'PX', full)
return {taken, ('%.6f'):format(tokens)}
