import time


def grown(n):
    s = ""
    for i in range(n):
        s += "x"
    return s


start = time.perf_counter()
answer = len(grown(100_000))
print(answer, time.perf_counter() - start)
