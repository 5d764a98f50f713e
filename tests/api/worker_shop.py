"""A served shop of several real processes for test_workers.py: small parts, so that each is there in a second.

python -m tests.api.worker_shop FOLDER N
"""

import sys

from api.commands.serve import first_keys, run
from assistant.settings import load


def build(settings):
    from tests.api.conftest import build_parts, small_reader  # loads what counts requests: not before `run` says where

    return build_parts(settings, small_reader())


if __name__ == "__main__":
    settings = load(environment={"HUIDA_DATA_DIR": sys.argv[1], "HUIDA_PORT": "0", "HUIDA_WORKERS": sys.argv[2]})
    run(settings, lambda parts: first_keys(parts, must_change=False), build=build)
