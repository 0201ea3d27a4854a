"""The algorithm `monte-carlo-pi`, exactly as docs/worker.md specifies it."""

MASK32, MASK64 = 2**32 - 1, 2**64 - 1


def validate(inputs, parameters):
    """Raises ValueError or TypeError for invalid inputs and parameters, which fail the block at once."""
    if not inputs or inputs != list(range(inputs[0], inputs[0] + len(inputs))):
        raise ValueError("inputs: expected consecutive indexes")
    for name, low, high in (("samples", 1, 1_000_000), ("seed", 0, MASK32)):
        value = parameters.get(name, low)
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"{name}: expected an integer from {low} to {high}, received {value!r}")


def compute(inputs, parameters, check):
    """Returns the output of a block. Calls `check` often, which raises an error to stop the computation."""
    samples, seed, inside = parameters.get("samples", 1_000), parameters.get("seed", 0), 0
    for index in inputs:
        draw = stream(seed, index)
        for point in range(samples):
            if point % 10_000 == 0:
                check()
            x, y = next(draw) + 0.5, next(draw) + 0.5
            inside += x * x + y * y < 2.0**62
    return {"from": inputs[0], "count": len(inputs), "samples": len(inputs) * samples, "inside": inside}


def stream(seed, index):
    """Yields the integers of an input, from -2^31 to 2^31 - 1: the low halves of xoroshiro128+ (24, 16, 37)."""
    key = scramble(seed ^ 0x9E3779B9)
    lane = [scramble(scramble((index + n * 0x3C6EF372) & MASK32) ^ key) for n in (1, 2, 3, 4)]
    s0, s1 = lane[0] << 32 | lane[1], lane[2] << 32 | lane[3]
    while True:
        low = (s0 + s1) & MASK32
        yield low - 2**32 if low >= 2**31 else low
        mixed = s0 ^ s1
        s0, s1 = rotate(s0, 24) ^ mixed ^ (mixed << 16 & MASK64), rotate(mixed, 37)


def rotate(value, bits):
    return (value << bits | value >> 64 - bits) & MASK64


def scramble(value):
    """The finalizer of MurmurHash3, on 32 bits."""
    value = (value ^ value >> 16) * 0x85EBCA6B & MASK32
    value = (value ^ value >> 13) * 0xC2B2AE35 & MASK32
    return value ^ value >> 16
