"""The built files that we commit are those of the sources beside them, and small."""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).parents[3] / "api" / "web"
DIST = WEB / "dist"
SOURCES = ("build", "src", "package-lock.json", "package.json", "tsconfig.json", "vite.config.ts")
REBUILD = "run `npm ci && npm run build` in api/web and commit dist/"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def below(folder: Path, *names: str) -> list[str]:
    tops = [folder / name for name in names] if names else [folder]
    files = [file for top in tops for file in ([top] if top.is_file() else top.rglob("*")) if file.is_file()]
    return sorted(file.relative_to(folder).as_posix() for file in files)


def test_the_widget_is_one_file_under_twenty_kilobytes():
    assert len(gzip.compress((DIST / "widget.js").read_bytes(), 9)) < 20_000


def test_the_built_files_are_those_of_the_recorded_build():
    recorded = json.loads((DIST / "build.json").read_text())["files"]
    assert {name: sha256((DIST / name).read_bytes()) for name in below(DIST) if name != "build.json"} == recorded, (
        REBUILD
    )


def test_the_recorded_build_was_made_of_these_sources():
    lines = "".join(f"{sha256((WEB / name).read_bytes())}  {name}\n" for name in below(WEB, *SOURCES))
    assert json.loads((DIST / "build.json").read_text())["sources"] == sha256(lines.encode()), REBUILD


def test_a_new_build_gives_the_same_bytes(tmp_path):
    assert (WEB / "node_modules").is_dir(), "what builds the pages is not installed: run `make api/web/node_modules`"
    beside_python = str(Path(sys.executable).parent)  # where the test extra's Node.js is
    environment = {
        **os.environ, "HUIDA_WEB_OUT": str(tmp_path), "PATH": os.pathsep.join((beside_python, os.environ["PATH"])),
    }  # fmt: skip
    node = shutil.which("node", path=environment["PATH"])
    for mode in ("widget", "shop", "desk", "reports"):
        command = [node, "node_modules/vite/bin/vite.js", "build", "--mode", mode, "--logLevel", "error"]
        subprocess.run(command, cwd=WEB, env=environment, check=True)
    assert below(tmp_path) == below(DIST)
    for name in below(DIST):
        assert (tmp_path / name).read_bytes() == (DIST / name).read_bytes(), f"{name}: {REBUILD}"


def test_the_lock_file_names_no_registry():
    assert '"resolved"' not in (WEB / "package-lock.json").read_text()
