import time


def total(n):
    sum = 0
    for i in range(n):
        if i != 5_000_000:
            sum += i
    return sum


start = time.perf_counter()
answer = total(10_000_000)
print(answer, time.perf_counter() - start)
