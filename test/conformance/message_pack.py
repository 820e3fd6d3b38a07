"""MessagePack, the part of it that a gateway speaks."""

import struct


def unpack(data, at=0):
    """The value at `at`, and where the next one begins."""
    head = data[at]
    at += 1
    if head <= 0x7F:
        return head, at
    if head >= 0xE0:
        return head - 256, at
    if 0xA0 <= head <= 0xBF:
        return data[at : at + head - 0xA0].decode(), at + head - 0xA0
    if 0x80 <= head <= 0x8F:
        return unpack_map(data, at, head - 0x80)
    if 0x90 <= head <= 0x9F:
        return unpack_list(data, at, head - 0x90)
    plain = {0xC0: None, 0xC2: False, 0xC3: True}
    if head in plain:
        return plain[head], at
    numbers = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q"}
    numbers |= {0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
    if head in numbers:
        size = struct.calcsize(numbers[head])
        return struct.unpack(numbers[head], data[at : at + size])[0], at + size
    sizes = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
    size = sizes[head]
    count = int.from_bytes(data[at : at + size], "big")
    at += size
    if head <= 0xDB:
        return data[at : at + count].decode(), at + count
    return (unpack_list if head <= 0xDD else unpack_map)(data, at, count)


def unpack_list(data, at, count):
    items = []
    for _ in range(count):
        item, at = unpack(data, at)
        items.append(item)
    return items, at


def unpack_map(data, at, count):
    items = {}
    for _ in range(count):
        key, at = unpack(data, at)
        items[key], at = unpack(data, at)
    return items, at
