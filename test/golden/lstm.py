"""One LSTM step and three AdamW steps by the textbook formulas, scalar by scalar, apart from our code.

Python 3.11, no packages: python3 test/golden/lstm.py
"""
from math import exp, sin, sqrt, tanh

I, H = 2, 2


def w(k):
    return .8 * sin(1 + 1.7 * k)


def sigmoid(a):
    return 1 / (1 + exp(-a))


x, h, c = [.3, -1.2], [.25, -.5], [.75, -.125]
columns = x + h
pre = [sum(w(row * (I + H) + k) * v for k, v in enumerate(columns)) + w(4 * H * (I + H) + row) for row in range(4 * H)]
new_c = [sigmoid(pre[H + k]) * c[k] + sigmoid(pre[k]) * tanh(pre[2 * H + k]) for k in range(H)]
new_h = [sigmoid(pre[3 * H + k]) * tanh(new_c[k]) for k in range(H)]
print("lstm", new_h + new_c)

lr, wd, b1, b2, eps = 3e-3, 1e-2, .9, .999, 1e-8
p, m, v = [.5, -2., .01], [0.] * 3, [0.] * 3
for t, g in enumerate([[.1, -.2, 0.], [-.3, .05, 1e-4], [.02, .4, -1.]], 1):
    for k in range(3):
        p[k] -= lr * wd * p[k]
        m[k] = b1 * m[k] + (1 - b1) * g[k]
        v[k] = b2 * v[k] + (1 - b2) * g[k] ** 2
        p[k] -= lr * (m[k] / (1 - b1 ** t)) / (sqrt(v[k] / (1 - b2 ** t)) + eps)
    print("adamw", t, p)
