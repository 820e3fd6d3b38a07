"""Losses and their gradients by PyTorch's autograd, apart from our code; ln gamma and digamma by mpmath.

Python 3.11, torch 2.15 (on the CPU), mpmath 1.3: python test/golden/losses.py, from the repository's root, writes losses.json and log-gamma.json
"""
import json
import math
import platform
import random
from pathlib import Path

import mpmath
import torch

torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent


def squared(o, y):
    return torch.nn.functional.mse_loss(o[0], y) / 2


def huber(o, y):
    return torch.nn.functional.huber_loss(o[0], y, delta=0.7)


def gaussian(o, y):
    return -torch.distributions.Normal(o[0], o[1].exp()).log_prob(y)


def student_t(o, y):
    return -torch.distributions.StudentT(torch.tensor(3.5), o[0], o[1].exp()).log_prob(y)


def student_t_learned(o, y):
    return -torch.distributions.StudentT(2 + torch.nn.functional.softplus(o[2]), o[0], o[1].exp()).log_prob(y)


def pinball(o, y):
    levels, weights = torch.tensor([.1, .5, .9]), torch.tensor([.4, 1., .6])
    e = y - o
    return (weights * torch.maximum(levels * e, (levels - 1) * e)).sum()


LOSSES = {"squared": (squared, 1), "huber": (huber, 1), "gaussian": (gaussian, 2), "studentT": (student_t, 2),
          "studentTLearned": (student_t_learned, 3), "pinball": (pinball, 3)}
rng = random.Random(7)
out = {"made": {"python": platform.python_version(), "torch": torch.__version__, "mpmath": mpmath.__version__}}
for name, (loss, size) in LOSSES.items():
    cases = []
    for k in range(12):
        outputs = [rng.gauss(0, 1.5) for _ in range(size)]
        target = rng.gauss(0, 2 if k < 8 else 40)
        o = torch.tensor(outputs, requires_grad=True)
        value = loss(o, torch.tensor(target))
        value.backward()
        cases.append({"outputs": outputs, "target": target, "loss": value.item(), "gradient": o.grad.tolist()})
    out[name] = cases
(HERE / "losses.json").write_text(json.dumps(out, indent=1) + "\n")

mpmath.mp.dps = 60
points = [1e-300, 1e-20, 1e-3, .1, .5, .9, 1 - 2**-30, 1, 1 + 2**-30, 1.25, 1.4616321449683623, 1.75, 2 - 2**-30, 2, 2.5, 3, math.pi, 5, 7.5,
          9.99, 11.999, 12, 12.5, 17, 30.1, 100, 1234.5, 1e5, 1e8, 1e15, 1e100, 1e300]
points += [10 ** rng.uniform(-4, 4) for _ in range(60)]
rows = [[x, float(mpmath.loggamma(x)), float(mpmath.digamma(x))] for x in points]
(HERE / "log-gamma.json").write_text(json.dumps({"made": out["made"], "rows": rows}) + "\n")
