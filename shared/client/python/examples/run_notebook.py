"""Runs the cells of a notebook as Jupyter would, with nothing but Python; --write keeps what they show in it.

    python run_notebook.py NOTEBOOK [--url URL] [--write]

Cells tagged `picture` need matplotlib, and are left out where it is not installed.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import base64
import contextlib
import importlib.util
import inspect
import io
import json
from pathlib import Path
from typing import Any

URL = "ws://127.0.0.1:8080/v1/stream"
HAS_PICTURES = importlib.util.find_spec("matplotlib") is not None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--url", default=URL)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    notebook = json.loads(options.notebook.read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    asyncio.run(run_all(cells, options.url))
    if options.write:
        options.notebook.write_text(json.dumps(notebook, indent=1) + "\n")


async def run_all(cells: list[dict[str, Any]], url: str) -> None:
    if HAS_PICTURES:
        import matplotlib

        matplotlib.use("Agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells, 1):
        if "picture" in cell["metadata"].get("tags", []) and not HAS_PICTURES:
            print(f"left out {number}: no matplotlib", flush=True)
            continue
        cell["outputs"] = await run(source_of(cell).replace(URL, url), names, number)
        cell["execution_count"] = number
        print(f"ok {number}", flush=True)


def source_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


async def run(source: str, names: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """What the cell shows: what it prints, its pictures, and its last expression."""
    tree = ast.parse(source)
    last = tree.body[-1]
    shown = ast.Expression(tree.body.pop().value) if isinstance(last, ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        await evaluate(tree, "exec", names)
        if shown is not None:
            value = await evaluate(shown, "eval", names)
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        outputs.append({"output_type": "stream", "name": "stdout", "text": text})
    outputs += [
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}
        for picture in pictures()
    ]
    if value is not None:
        result = {"output_type": "execute_result", "metadata": {}, "execution_count": number}
        outputs.append({**result, "data": shown_as(value)})
    return outputs


async def evaluate(tree: ast.AST, mode: str, names: dict[str, Any]) -> Any:
    code = compile(tree, "cell", mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(code, names)
    return await value if code.co_flags & inspect.CO_COROUTINE else value


def pictures() -> list[str]:
    if not HAS_PICTURES:
        return []
    from matplotlib import pyplot

    found = []
    for number in pyplot.get_fignums():
        bytes_ = io.BytesIO()
        pyplot.figure(number).savefig(bytes_, dpi=80, bbox_inches="tight")
        found.append(base64.b64encode(bytes_.getvalue()).decode())
    pyplot.close("all")
    return found


def shown_as(value: Any) -> dict[str, list[str]]:
    shown = {"text/plain": repr(value).splitlines(keepends=True)}
    if hasattr(value, "_repr_html_"):
        shown["text/html"] = value._repr_html_().splitlines(keepends=True)
    return shown


if __name__ == "__main__":
    main()
