"""PyTorch, NumPy, JAX and ONNX Runtime in Python, for the bench of the kernels. One request a line on stdin, one answer a line on stdout.

Each peer runs on one thread and is timed in here, so the pipe costs it nothing. What is not installed is named with its reason.
"""
import base64
import json
import os
import platform
import sys
import time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
if hasattr(os, "sched_setaffinity"):
    # JAX's executor takes a second core whatever its settings say; one core it is for all.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

CHECKED = 3
MISSING = {}
try:
    import numpy as np
except Exception as error:
    np, MISSING["numpy"] = None, str(error)
try:
    import torch
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
except Exception as error:
    torch, MISSING["torch"] = None, str(error)
try:
    import jax
    import jax.numpy as jnp
except Exception as error:
    jax, MISSING["jax"] = None, str(error)
try:
    import onnxruntime
except Exception as error:
    onnxruntime, MISSING["onnxruntime"] = None, str(error)


def weights_of(case):
    """Our layout: 4H x (I + H) weights, then 4H biases. Gives weights and bias."""
    i, h = case["inputSize"], case["hiddenSize"]
    split = 4 * h * (i + h)
    return case["parameters"][:split].reshape(4 * h, i + h), case["parameters"][split:]


class Step:
    """One LSTM step of B symbols; `step(x)` replaces self.h and self.c."""

    def outputs(self):
        for x in self.inputs:
            self.step(x)
        return {"hidden": np.asarray(self.h, np.float32).ravel(), "memory": np.asarray(self.c, np.float32).ravel()}

    def run(self, iterations):
        step, x = self.step, self.inputs[0]
        start = time.perf_counter_ns()
        for _ in range(iterations):
            step(x)
        self.wait()
        return time.perf_counter_ns() - start

    def wait(self):
        pass


class NumpyStep(Step):
    def __init__(self, case):
        self.w, self.b = weights_of(case)
        self.wx = np.ascontiguousarray(self.w[:, : case["inputSize"]].T)
        self.wh = np.ascontiguousarray(self.w[:, case["inputSize"] :].T)
        self.inputs, self.h, self.c, self.size = case["inputs"], case["hidden"], case["memory"], case["hiddenSize"]

    def step(self, x):
        n = self.size
        z = x @ self.wx
        z += self.h @ self.wh
        z += self.b
        # sigmoid(z) = tanh(z / 2) / 2 + 1 / 2: one call of the vectorised tanh for all gates, faster here than exp.
        z[:, : 2 * n] *= 0.5
        z[:, 3 * n :] *= 0.5
        np.tanh(z, out=z)
        z[:, : 2 * n] *= 0.5
        z[:, : 2 * n] += 0.5
        z[:, 3 * n :] *= 0.5
        z[:, 3 * n :] += 0.5
        self.c = z[:, n : 2 * n] * self.c + z[:, :n] * z[:, 2 * n : 3 * n]
        self.h = z[:, 3 * n :] * np.tanh(self.c)


class TorchStep(Step):
    def __init__(self, case):
        w, b = (torch.from_numpy(part.copy()) for part in weights_of(case))
        self.cell = torch.nn.LSTMCell(case["inputSize"], case["hiddenSize"])
        with torch.no_grad():
            self.cell.weight_ih.copy_(w[:, : case["inputSize"]])
            self.cell.weight_hh.copy_(w[:, case["inputSize"] :])
            self.cell.bias_ih.copy_(b)
            self.cell.bias_hh.zero_()
        self.inputs = [torch.from_numpy(x) for x in case["inputs"]]
        self.h, self.c = torch.from_numpy(case["hidden"]), torch.from_numpy(case["memory"])

    def step(self, x):
        self.h, self.c = self.cell(x, (self.h, self.c))

    def run(self, iterations):
        with torch.inference_mode():
            return super().run(iterations)

    def outputs(self):
        with torch.inference_mode():
            return super().outputs()


class JaxStep(Step):
    def __init__(self, case):
        w, b = weights_of(case)
        w, b = jnp.asarray(w.T), jnp.asarray(b)
        self.call = jax.jit(lambda x, h, c: jax_step(w, b, x, h, c))
        self.inputs = case["inputs"]
        self.h, self.c = jnp.asarray(case["hidden"]), jnp.asarray(case["memory"])

    def step(self, x):
        self.h, self.c = self.call(x, self.h, self.c)

    def wait(self):
        self.h.block_until_ready()


def jax_step(w, b, x, h, c):
    i, f, g, o = jnp.split(jnp.concatenate([x, h], 1) @ w + b, 4, 1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


class OnnxStep(Step):
    def __init__(self, case):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(case["model"], options, providers=["CPUExecutionProvider"])
        self.inputs = [x[None] for x in case["inputs"]]
        self.h, self.c = case["hidden"][None], case["memory"][None]

    def step(self, x):
        self.h, self.c = self.session.run(None, {"x": x, "h": self.h, "c": self.c})


class Training:
    def run(self, iterations):
        start = time.perf_counter_ns()
        for _ in range(iterations):
            self.update()
        return time.perf_counter_ns() - start

    def outputs(self):
        losses, first = [], None
        for _ in range(CHECKED):
            loss, gradients = self.update()
            losses.append(loss)
            first = gradients if first is None else first
        return {"losses": np.array(losses, np.float32), "gradients": first, "parameters": self.parameters()}


class TorchTraining(Training):
    """nn.LSTM over the window, clip_grad_norm_, fused Adam. One bias trains, as in ours: the other stays 0."""

    def __init__(self, case):
        self.case = case
        i = case["inputSize"]
        w, b = (torch.from_numpy(part.copy()) for part in weights_of(case))
        self.net = torch.nn.LSTM(i, case["hiddenSize"])
        with torch.no_grad():
            self.net.weight_ih_l0.copy_(w[:, :i])
            self.net.weight_hh_l0.copy_(w[:, i:])
            self.net.bias_ih_l0.copy_(b)
            self.net.bias_hh_l0.zero_()
        self.net.bias_hh_l0.requires_grad_(False)
        self.trained = [self.net.weight_ih_l0, self.net.weight_hh_l0, self.net.bias_ih_l0]
        self.adam = torch.optim.Adam(self.trained, lr=case["learningRate"], fused=True)
        self.x, self.y = torch.from_numpy(case["input"]), torch.from_numpy(case["target"])
        self.keep = None

    def update(self):
        self.adam.zero_grad()
        out, _ = self.net(self.x)
        loss = (out - self.y).square().sum() / (out.shape[0] * out.shape[1])
        loss.backward()
        gradients = None
        if self.keep is not None:
            gradients = self.layout([p.grad for p in self.trained])
        torch.nn.utils.clip_grad_norm_(self.trained, self.case["largestNorm"])
        self.adam.step()
        return loss.item(), gradients

    def outputs(self):
        self.keep = True
        found = super().outputs()
        self.keep = None
        return found

    def parameters(self):
        return self.layout(self.trained)

    def layout(self, parts):
        w = torch.cat([parts[0], parts[1]], 1).ravel()
        return torch.cat([w, parts[2]]).detach().numpy().copy()


class JaxTraining(Training):
    """lax.scan over the window; clipping and Adam in the same compiled function, whose arguments are given away to be reused."""

    def __init__(self, case):
        rate, largest, n = case["learningRate"], case["largestNorm"], case["hiddenSize"]
        w, b = weights_of(case)
        x, y = jnp.asarray(case["input"]), jnp.asarray(case["target"])

        def loss_of(p):
            def step(state, x):
                h, c = jax_step(p[0], p[1], x, *state)
                return (h, c), h

            zero = jnp.zeros((x.shape[1], n))
            _, hidden = jax.lax.scan(step, (zero, zero), x)
            return jnp.square(hidden - y).sum() / (x.shape[0] * x.shape[1])

        def update(p, m, v, count):
            loss, raw = jax.value_and_grad(loss_of)(p)
            norm = jnp.sqrt(sum(jnp.square(g).sum() for g in raw))
            factor = jnp.minimum(1, largest / norm)
            g = [part * factor for part in raw]
            m = [0.9 * a + 0.1 * d for a, d in zip(m, g)]
            v = [0.999 * a + 0.001 * d * d for a, d in zip(v, g)]
            to_m, to_v = 1 - 0.9**count, 1 - 0.999**count
            p = [a - rate * (d / to_m) / (jnp.sqrt(e / to_v) + 1e-8) for a, d, e in zip(p, m, v)]
            return p, m, v, count + 1, loss, raw

        self.state = [jnp.asarray(w.T.copy()), jnp.asarray(b)]
        self.m, self.v = [jnp.zeros_like(p) for p in self.state], [jnp.zeros_like(p) for p in self.state]
        self.count = jnp.float32(1)
        self.call = jax.jit(update, donate_argnums=(0, 1, 2))

    def update(self):
        self.state, self.m, self.v, self.count, loss, raw = self.call(self.state, self.m, self.v, self.count)
        return float(loss), raw

    def outputs(self):
        found = super().outputs()
        found["gradients"] = self.layout(found["gradients"])
        return found

    def parameters(self):
        return self.layout(self.state)

    def layout(self, parts):
        return np.concatenate([np.asarray(parts[0]).T.ravel(), np.asarray(parts[1])])


PEERS = {
    "torch": {"step": TorchStep, "training": TorchTraining},
    "numpy": {"step": NumpyStep},
    "jax": {"step": JaxStep, "training": JaxTraining},
    "onnxruntime": {"step": OnnxStep},
}
OPEN = {}


def read_case(raw):
    """Arrays come as base64 of little-endian float32; here they get their shapes."""
    case = dict(raw)
    i, h, b = case["inputSize"], case["hiddenSize"], case["batch"]

    def floats(text, *shape):
        return np.frombuffer(base64.b64decode(text), np.float32).reshape(shape).copy()

    case["parameters"] = floats(case["parameters"], -1)
    if case["kind"] == "step":
        case["inputs"] = [floats(x, b, i) for x in case["inputs"]]
        case["hidden"], case["memory"] = floats(case["hidden"], b, h), floats(case["memory"], b, h)
        case["model"] = base64.b64decode(case["model"])
    else:
        t = case["steps"]
        case["input"], case["target"] = floats(case["input"], t, b, i), floats(case["target"], t, b, h)
    return case


def answer(request):
    verb = request["verb"]
    if verb == "about":
        modules = {"torch": torch, "numpy": np, "jax": jax, "onnxruntime": onnxruntime}
        versions = {name: module.__version__ for name, module in modules.items() if module is not None}
        return {"python": platform.python_version(), "versions": versions, "missing": MISSING}
    if verb == "open":
        make = PEERS[request["peer"]].get(request["case"]["kind"])
        if make is None:
            return {"opened": False}
        OPEN[request["id"]] = make(read_case(request["case"]))
        return {"opened": True}
    if verb == "outputs":
        found = OPEN[request["id"]].outputs()
        return {k: base64.b64encode(np.ascontiguousarray(v, np.float32).tobytes()).decode() for k, v in found.items()}
    if verb == "run":
        return {"ns": OPEN[request["id"]].run(request["iterations"])}
    del OPEN[request["id"]]
    return {}


for line in sys.stdin:
    try:
        found = {"answer": answer(json.loads(line))}
    except Exception as error:
        found = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(found), flush=True)
