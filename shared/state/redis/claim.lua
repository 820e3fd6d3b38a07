-- Takes a partition over: nothing is written before every check has passed.
-- KEYS[1] the checkpoint; ARGV: format, run, generation (0: not known), token, 'keep' or 'forget' what is stored
-- Replies: {'OK', next, digest, partition state} (nil before the first commit), or {name of the refusal, what was found}
local kept = redis.call('HMGET', KEYS[1], 'fmt', 'run', 'gen', 'next', 'dig', 'part')
if kept[1] and kept[1] ~= ARGV[1] then return {'WRONG_FORMAT', kept[1]} end
if kept[2] and kept[2] ~= ARGV[2] then return {'WRONG_RUN', kept[2]} end
local highest = kept[3] or '0'
if tonumber(ARGV[3]) > 0 and tonumber(ARGV[3]) < tonumber(highest) then return {'FENCED', highest} end
if tonumber(ARGV[3]) > tonumber(highest) then highest = ARGV[3] end
if ARGV[5] == 'forget' then redis.call('UNLINK', KEYS[1]) end
redis.call('HSET', KEYS[1], 'fmt', ARGV[1], 'run', ARGV[2], 'gen', highest, 'tok', ARGV[4])
if ARGV[5] == 'forget' then return {'OK'} end
return {'OK', kept[4], kept[5], kept[6]}
