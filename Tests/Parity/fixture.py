"""What every fixture is made of: a state dict as PyTorch saves it, and a file of values.

`NAME.safetensors` is the state dict. `NAME.values.safetensors` has inputs `x0`, `x1`, ..., other arguments by name,
outputs `y0`, ..., what the outputs are multiplied with before they are summed (`up0`, ...), the gradients of that sum
by the inputs (`dx0`, ...) and by the parameters (`d.weight`), and buffers after the pass (`after.running_mean`). All is
computed in f64 from f32 inputs and weights, and rounded once.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parent / "fixtures"


def saved(tensors, name):
    """Writes a file; floats as f32."""
    single = {k: v.detach().float() if v.is_floating_point() else v.detach() for k, v in tensors.items()}
    single = {k: v.contiguous().clone() for k, v in single.items()}
    path = FOLDER / f"{name}.safetensors"
    save_file(single, path)
    path.chmod(0o644)


def rounded(tensor):
    """A tensor of f64 that f32 can hold."""
    return tensor.float().double()


def random(*shape):
    return rounded(torch.randn(shape))


def draw(module):
    """Random weights everywhere, so that no zero or one hides a mistake."""
    with torch.no_grad():
        for name, p in module.named_parameters():
            mean = 1.0 if "norm" in name and "weight" in name else 0.0
            p.copy_(torch.randn_like(p) * (0.3 if p.dim() > 1 else 0.2) + mean)
        for name, b in module.named_buffers():
            if name.endswith("running_mean"):
                b.copy_(torch.randn_like(b) * 0.2)
            if name.endswith("running_var"):
                b.copy_(torch.rand_like(b) + 0.5)
    for p in list(module.parameters()) + list(module.buffers()):
        p.data = p.data.float()
    return module.double()


def layer(name, module, inputs, run=None, training=True, **arguments):
    """One case: `run(module, *inputs)` gives a tensor or a list of tensors."""
    draw(module)
    state = {k: v for k, v in module.state_dict().items()}
    if state:
        saved(state, name)
    module.train(training)
    inputs = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
    outputs = module(*inputs) if run is None else run(module, *inputs)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    ups = [random(*y.shape) for y in outputs]
    total = sum((y * up).sum() for y, up in zip(outputs, ups))
    total.backward()
    values = dict(arguments)
    for i, x in enumerate(inputs):
        values[f"x{i}"] = x
        if x.grad is not None:
            values[f"dx{i}"] = x.grad
    for i, (y, up) in enumerate(zip(outputs, ups)):
        values[f"y{i}"] = y
        values[f"up{i}"] = up
    for key, p in module.named_parameters():
        values[f"d.{key}"] = p.grad if p.grad is not None else torch.zeros_like(p)
    for key, b in module.named_buffers():
        if not key.endswith("num_batches_tracked") and key in state:
            values[f"after.{key}"] = b
    saved(values, f"{name}.values")
