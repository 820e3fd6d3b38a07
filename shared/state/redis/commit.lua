-- Moves position and state together: a compare-and-set on token and base. A script that fails half way is not rolled back, so
-- nothing is written before every check has passed.
-- KEYS[1] the checkpoint; ARGV: run, token, base, then fields and their values, the new position among them
-- Replies: {'OK'}, or {name of the refusal, what was found}
local kept = redis.call('HMGET', KEYS[1], 'run', 'tok', 'next')
if kept[2] ~= ARGV[2] then return {'FENCED', kept[2]} end
if kept[1] ~= ARGV[1] then return {'WRONG_RUN', kept[1]} end
-- Offsets are compared as text: a number in Lua holds 53 bits of them.
if (kept[3] or '0') ~= ARGV[3] then return {'CONFLICT', kept[3]} end
-- In pieces, since Lua's stack holds 8,000 values.
for first = 4, #ARGV, 4000 do
  redis.call('HSET', KEYS[1], unpack(ARGV, first, math.min(first + 3999, #ARGV)))
end
return {'OK'}
