import time


def count_primes(n):
    is_prime = [True] * n
    count = 0
    for i in range(2, n):
        if is_prime[i]:
            count += 1
            multiple = i * i
            while multiple < n:
                is_prime[multiple] = False
                multiple += i
    return count


start = time.perf_counter()
answer = count_primes(1_000_000)
print(answer, time.perf_counter() - start)
