"""The command `huida`. Processes that it starts load this module too, so the commands themselves are loaded inside."""

from __future__ import annotations

import gc
import os

COLLECTED_AFTER = 50_000  # new objects; by 700, half a second of a start goes into looking at modules that will stay


def main() -> None:
    """The entry point of the installed command."""
    # before numpy, faiss or torch start threads of their own: two threads on a busy core wait for each other (STACK)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # onnxruntime reports to its maker otherwise
    gc.set_threshold(COLLECTED_AFTER)
    from api.cli import app

    app()


if __name__ == "__main__":
    main()
