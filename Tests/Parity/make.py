"""Writes the fixtures that the scripts beside it compare with.

    python Tests/Parity/make.py

Needs torch and safetensors; the tests need neither.
"""

import torch

import layers
import losses
import networks
import optimizers
from fixture import FOLDER

if __name__ == "__main__":
    for old in FOLDER.glob("*.safetensors"):
        old.unlink()
    torch.set_default_dtype(torch.float64)
    for module in (layers, losses, networks, optimizers):
        torch.manual_seed(20240607)
        module.make()
    print(sum(f.stat().st_size for f in FOLDER.iterdir()), "bytes in", len(list(FOLDER.iterdir())), "files")
