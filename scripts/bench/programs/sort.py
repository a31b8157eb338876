import time


def numbers(n):
    xs = []
    x = 42
    for i in range(n):
        x = (x * 1_103_515_245 + 12_345) % 2_147_483_648
        xs.append(x)
    return xs


xs = numbers(1_000_000)
start = time.perf_counter()
ordered = sorted(xs)
seconds = time.perf_counter() - start
print(f"{ordered[0]}/{ordered[500_000]}/{ordered[-1]}", seconds)
