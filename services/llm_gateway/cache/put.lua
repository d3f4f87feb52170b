-- Keeps an answer for a while, and all answers together below a number of bytes; the oldest go.
-- KEYS: the answer's key, the answers by expiry, their sizes, the sum of these.
-- ARGV: the answer, seconds to keep it, now (seconds), bytes that all may have.
local entry, by_expiry, sizes, sum = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local seconds, now, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local function forget(key)
    redis.call('DECRBY', sum, tonumber(redis.call('HGET', sizes, key) or '0'))
    redis.call('HDEL', sizes, key)
    redis.call('ZREM', by_expiry, key)
    redis.call('DEL', key)
end

for _, gone in ipairs(redis.call('ZRANGEBYSCORE', by_expiry, '-inf', now, 'LIMIT', 0, 1000)) do
    forget(gone)
end
forget(entry)
local size = string.len(ARGV[1])
if size > most then
    return 0
end
redis.call('SET', entry, ARGV[1], 'EX', seconds)
redis.call('ZADD', by_expiry, now + seconds, entry)
redis.call('HSET', sizes, entry, size)
local total = redis.call('INCRBY', sum, size)
while total > most do
    local first = redis.call('ZRANGE', by_expiry, 0, 0)[1]
    if not first then
        -- The sizes were lost without the sum (an eviction, say): count anew.
        redis.call('SET', sum, 0)
        break
    end
    forget(first)
    total = tonumber(redis.call('GET', sum))
end
return 1
