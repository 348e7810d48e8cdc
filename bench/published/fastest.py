"""How long something takes, for PyTorch and ONNX Runtime alike."""

import time

RUNS = 5


def fastest(run):
    """The fastest of some runs after the first, in milliseconds."""
    run()
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) * 1000)
    return min(times)
