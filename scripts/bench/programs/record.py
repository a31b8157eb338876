import time


def walk(n):
    point = {"x": 0, "y": 0, "steps": 0}
    for i in range(n):
        point["x"] += i % 3
        point["y"] = point["x"] - point["y"]
        point["steps"] += 1
    return point["x"] + point["y"] + point["steps"]


start = time.perf_counter()
answer = walk(1_000_000)
print(answer, time.perf_counter() - start)
