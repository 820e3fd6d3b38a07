"""First outputs of xoshiro128** (Blackman & Vigna 2018) on a splitmix32-filled state. Python 3, no packages: python3 test/golden/xoshiro.py"""

M = 0xFFFFFFFF


def splitmix32(state):
    while True:
        state = (state + 0x9E3779B9) & M
        z = state ^ (state >> 16)
        z = z * 0x21F0AAAD & M
        z = (z ^ (z >> 15)) * 0x735A2D97 & M
        yield z ^ (z >> 15)


def rotl(x, k):
    return ((x << k) | (x >> (32 - k))) & M


def xoshiro128(seed, count):
    fill = splitmix32(seed)
    s = [next(fill) for _ in range(4)]
    out = []
    for _ in range(count):
        out.append(rotl(s[1] * 5 & M, 7) * 9 & M)
        t = s[1] << 9 & M
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 11)
    return out


def fnv1a(text):
    h = 0x811C9DC5
    for ch in text:
        h = ((h ^ ord(ch)) * 0x01000193) & M
    return h


print(xoshiro128(1, 4))
print(xoshiro128(fnv1a("foretick"), 4))
