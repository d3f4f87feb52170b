-- Counts requests and tokens of the last minute, and admits what still fits. Many at once.
--
-- A window is a hash. Time is cut into slots; a slot counts until `slots` later ones have begun, so
-- that no stretch of time as long as the window ever holds more than the limit. Fields: r<slot> and
-- t<slot> are a slot's requests and tokens, rn and tn their sums, at the newest slot that was seen.
-- Time is this server's, so that all gateways mean the same.
--
-- KEYS  one window for each question
-- ARGV  slot length in ms, slots, then for each question: requests, tokens, the most requests, the
--       most tokens (-1: no limit), and the slot that negative tokens are given back to (-1: none)
-- Gives for each question: admitted (1 or 0), requests and tokens counted, ms until it would be
--       admitted, ms until all requests and all tokens are free again, its slot

local slot_ms, slots = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local clock_slot = math.floor(now / slot_ms)
local answers = {}

local function number(text)
    return tonumber(text or 0) or 0
end

-- Forget what lies more than `slots` back; gives both sums and the slot that is now. It never goes
-- back: if the clock was set back a little, the newest slot that was seen stays the one that counts.
local function forget(window)
    local head = redis.call('HMGET', window, 'rn', 'tn', 'at')
    local requests, tokens, seen = number(head[1]), number(head[2]), tonumber(head[3])
    local slot = clock_slot
    if seen ~= nil and seen >= slot and seen - slot <= slots then
        return requests, tokens, seen
    end
    if seen ~= nil and math.abs(slot - seen) > slots then
        redis.call('DEL', window)
        requests, tokens = 0, 0
    elseif seen ~= nil then
        for old = seen - slots, slot - slots - 1 do
            local gone = redis.call('HMGET', window, 'r' .. old, 't' .. old)
            if gone[1] or gone[2] then
                requests, tokens = requests - number(gone[1]), tokens - number(gone[2])
                redis.call('HDEL', window, 'r' .. old, 't' .. old)
            end
        end
    end
    redis.call('HSET', window, 'rn', requests, 'tn', tokens, 'at', slot)
    redis.call('PEXPIRE', window, (slots + 2) * slot_ms)
    return requests, tokens, slot
end

local function ends(slot)
    return (slot + slots + 1) * slot_ms - now
end

-- When `surplus` of what the window counts has passed, in ms; `kind` is r or t.
local function passes(window, current, kind, surplus)
    local fields = {}
    for slot = current - slots, current do
        fields[#fields + 1] = kind .. slot
    end
    for place, used in ipairs(redis.call('HMGET', window, unpack(fields))) do
        surplus = surplus - number(used)
        if surplus <= 0 then
            return ends(current - slots + place - 1)
        end
    end
    return ends(current)
end

-- When nothing of this kind is counted any more, in ms.
local function free(window, current, kind, sum)
    if sum <= 0 then
        return 0
    end
    for slot = current, current - slots, -1 do
        if number(redis.call('HGET', window, kind .. slot)) > 0 then
            return ends(slot)
        end
    end
    return 0
end

local function add(window, slot, requests, tokens)
    if requests ~= 0 then
        redis.call('HINCRBY', window, 'r' .. slot, requests)
        redis.call('HINCRBY', window, 'rn', requests)
    end
    if tokens ~= 0 then
        redis.call('HINCRBY', window, 't' .. slot, tokens)
        redis.call('HINCRBY', window, 'tn', tokens)
    end
end

-- Tokens that were reserved and not used go back to where they were taken from, if that still counts.
local function give_back(window, current, slot, tokens, sum)
    if slot >= current - slots and slot <= current then
        local there = number(redis.call('HGET', window, 't' .. slot))
        local back = math.min(tokens, there)
        if back > 0 then
            add(window, slot, 0, -back)
            return sum - back
        end
    end
    return sum
end

for index, window in ipairs(KEYS) do
    local place = 2 + (index - 1) * 5
    local requests, tokens = tonumber(ARGV[place + 1]), tonumber(ARGV[place + 2])
    local most_requests, most_tokens = tonumber(ARGV[place + 3]), tonumber(ARGV[place + 4])
    local requests_now, tokens_now, current = forget(window)
    local wait = 0
    if tokens < 0 then
        tokens_now = give_back(window, current, tonumber(ARGV[place + 5]), -tokens, tokens_now)
        tokens = 0
    end
    if most_requests >= 0 and requests_now + requests > most_requests then
        wait = passes(window, current, 'r', requests_now + requests - most_requests)
    end
    if most_tokens >= 0 and tokens_now + tokens > most_tokens then
        wait = math.max(wait, passes(window, current, 't', tokens_now + tokens - most_tokens))
    end
    if wait == 0 and (requests > 0 or tokens > 0) then
        add(window, current, requests, tokens)
        requests_now, tokens_now = requests_now + requests, tokens_now + tokens
    end
    answers[index] = {
        wait == 0 and 1 or 0, requests_now, tokens_now, wait,
        free(window, current, 'r', requests_now), free(window, current, 't', tokens_now), current,
    }
end
return answers
