"""Three steps of each optimiser, clipping and learning-rate schedules by PyTorch, apart from our code.

Python 3.11, torch 2.15 (on the CPU): python test/golden/optimisers.py, from the repository's root, writes optimisers.json
"""
import json
import platform
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
START = [.5, -2., .01, 3.]
GRADIENTS = [[.1, -.2, 0., 30.], [-.3, .05, 1e-4, -4.], [.02, .4, -1., 1e-9]]
LR = 3e-3
OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=LR),
    "momentum": lambda p: torch.optim.SGD(p, lr=LR, momentum=.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=LR, momentum=.9, nesterov=True),
    "rmsProp": lambda p: torch.optim.RMSprop(p, lr=LR),
    "adam": lambda p: torch.optim.Adam(p, lr=LR),
    "adamBetas": lambda p: torch.optim.Adam(p, lr=LR, betas=(.8, .95), eps=1e-4),
    "adamW": lambda p: torch.optim.AdamW(p, lr=LR, weight_decay=1e-2),
}
out = {"made": {"python": platform.python_version(), "torch": torch.__version__}, "start": START, "gradients": GRADIENTS, "learningRate": LR}
steps = {}
for name, make in OPTIMISERS.items():
    p = torch.nn.Parameter(torch.tensor(START))
    optimiser = make([p])
    steps[name] = []
    for g in GRADIENTS:
        p.grad = torch.tensor(g)
        optimiser.step()
        steps[name].append(p.tolist())
out["steps"] = steps


def schedule(make, count):
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=.4)
    scheduler = make(optimiser)
    rates = []
    for _ in range(count):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return rates


lr = torch.optim.lr_scheduler
out["rates"] = {
    "step": schedule(lambda o: lr.StepLR(o, step_size=3, gamma=.5), 10),
    "cosine": schedule(lambda o: lr.CosineAnnealingLR(o, T_max=10, eta_min=.02), 11),
    "warmUp": schedule(lambda o: lr.LinearLR(o, start_factor=.2, total_iters=4), 8),
}
for name, clip in {"norm": torch.nn.utils.clip_grad_norm_, "value": torch.nn.utils.clip_grad_value_}.items():
    p = torch.nn.Parameter(torch.tensor(START))
    p.grad = torch.tensor(GRADIENTS[1])
    clip([p], .25)
    out[name] = p.grad.tolist()
Path(__file__).with_name("optimisers.json").write_text(json.dumps(out, indent=1) + "\n")
