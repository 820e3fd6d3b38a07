"""Every cell, and two layers of it, through 50 steps by PyTorch: outputs, gradients, and three AdamW steps.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 numpy==2.4.6
    venv/bin/python test/golden/cells.py && npx biome format --write test/golden/cells.json

Made with Python 3.11.7, torch 2.15.0 (the CUDA wheel of PyPI, run on the CPU). Parameters, inputs, targets and the start state
are sines of their index, so the test makes them itself. A flat array of parameters in our layout is cut into PyTorch's tensors,
so that autograd gives gradients in our layout; PyTorch's second bias of lstm and rnn, which we do not have, is held at 0.
"""
import json
import platform
from math import sin
from pathlib import Path

import torch
from torch.func import functional_call

I, H, ROWS, STEPS = 3, 5, 2, 50
KEPT = [0, 24, 49]
GATES = {"lstm": 4, "gru": 3, "rnn": 1, "rnn-relu": 1}
LEARNING_RATE, WEIGHT_DECAY, UPDATES = 3e-3, 1e-2, 3


def sines(count, size, start, step, dtype):
    return torch.tensor([size * sin(start + step * k) for k in range(count)], dtype=torch.float64).to(dtype)


def tensors_of(kind, layers):
    """Names and shapes of our layout."""
    for layer in range(layers):
        inputs = I if layer == 0 else H
        if kind == "trace":
            yield from [(f"{layer}.weights", (H, inputs)), (f"{layer}.biases", (H,)), (f"{layer}.traces", (H,))]
        elif kind == "gru":
            yield from [(f"{layer}.inputWeights", (3 * H, inputs)), (f"{layer}.inputBiases", (3 * H,))]
            yield from [(f"{layer}.hiddenWeights", (3 * H, H)), (f"{layer}.hiddenBiases", (3 * H,))]
        else:
            yield from [(f"{layer}.weights", (GATES[kind] * H, inputs + H)), (f"{layer}.biases", (GATES[kind] * H,))]


def cut(flat, kind, layers):
    named, at = {}, 0
    for name, shape in tensors_of(kind, layers):
        size = torch.Size(shape).numel()
        named[name] = flat[at:at + size].view(shape)
        at += size
    return named


def run_trace(named, layers, x, state):
    """s' = mu s + (1 - mu) (W x + b), mu = sigmoid(m), by autograd of the formula."""
    outputs, states = [], [state[:, layer * H:layer * H + H] for layer in range(layers)]
    for t in range(STEPS):
        value = x[t]
        for layer in range(layers):
            mu = torch.sigmoid(named[f"{layer}.traces"])
            mapped = value @ named[f"{layer}.weights"].T + named[f"{layer}.biases"]
            states[layer] = value = mu * states[layer] + (1 - mu) * mapped
        outputs.append(value)
    return torch.stack(outputs)


def run_module(module, kind, named, layers, x, state):
    weights = {}
    for layer in range(layers):
        inputs = I if layer == 0 else H
        if kind == "gru":
            w, b = named[f"{layer}.inputWeights"], named[f"{layer}.inputBiases"]
            u, c = named[f"{layer}.hiddenWeights"], named[f"{layer}.hiddenBiases"]
        else:
            both, b = named[f"{layer}.weights"], named[f"{layer}.biases"]
            w, u, c = both[:, :inputs], both[:, inputs:], torch.zeros_like(b)
        weights |= {f"weight_ih_l{layer}": w, f"weight_hh_l{layer}": u, f"bias_ih_l{layer}": b, f"bias_hh_l{layer}": c}
    size = state.shape[1] // layers
    starts = torch.stack([state[:, layer * size:layer * size + size] for layer in range(layers)])
    start = (starts[..., :H].contiguous(), starts[..., H:].contiguous()) if kind == "lstm" else starts.contiguous()
    return functional_call(module, weights, (x, start))[0]


def module_of(kind, layers, dtype):
    if kind == "trace":
        return None
    if kind == "lstm":
        return torch.nn.LSTM(I, H, layers, dtype=dtype)
    if kind == "gru":
        return torch.nn.GRU(I, H, layers, dtype=dtype)
    return torch.nn.RNN(I, H, layers, nonlinearity="relu" if kind == "rnn-relu" else "tanh", dtype=dtype)


def digits(tensor):
    places = 13 if tensor.dtype == torch.float64 else 8
    return [float(f"{value:.{places}g}") for value in tensor.detach().flatten().tolist()]


def case(kind, layers, dtype):
    module = module_of(kind, layers, dtype)
    count = sum(torch.Size(shape).numel() for _, shape in tensors_of(kind, layers))
    flat = sines(count, .4, 1, 1.7, dtype).requires_grad_()
    x = sines(STEPS * ROWS * I, 1.2, .9, .37, dtype).view(STEPS, ROWS, I).requires_grad_()
    targets = sines(STEPS * ROWS * H, .5, .7, .53, dtype).view(STEPS, ROWS, H)
    state_size = layers * (2 * H if kind == "lstm" else H)
    state = sines(ROWS * state_size, .3, 2, 1.1, dtype).view(ROWS, state_size).requires_grad_()

    def outputs_now():
        named = cut(flat, kind, layers)
        return run_trace(named, layers, x, state) if module is None else run_module(module, kind, named, layers, x, state)

    optimiser = torch.optim.AdamW([flat], lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    made = None
    for _ in range(UPDATES):
        optimiser.zero_grad()
        x.grad = state.grad = None
        outputs = outputs_now()
        loss = ((outputs - targets) ** 2).sum() / (2 * outputs.numel())
        loss.backward()
        if made is None:
            made = {
                "kind": kind, "layers": layers, "float": 64 if dtype == torch.float64 else 32, "loss": digits(loss)[0],
                "outputs": digits(outputs[KEPT]),
                "gradients": {name: digits(part) for name, part in cut(flat.grad, kind, layers).items()},
                "dState": digits(state.grad), "dInput": digits(x.grad[KEPT]),
            }
        optimiser.step()
    return made | {"updated": {name: digits(part) for name, part in cut(flat, kind, layers).items()}}


torch.manual_seed(0)
kinds = ["lstm", "gru", "rnn", "rnn-relu", "trace"]
cases = [case(kind, layers, dtype) for kind in kinds for layers in (1, 2) for dtype in (torch.float64, torch.float32)]
versions = {"python": platform.python_version(), "torch": torch.__version__}
sizes = {"inputSize": I, "hiddenSize": H, "rows": ROWS, "steps": STEPS, "kept": KEPT}
golden = {"made": versions, "sizes": sizes, "cases": cases}
(Path(__file__).parent / "cells.json").write_text(json.dumps(golden) + "\n")
