"""Files made to hurt: each is refused with a place, in little memory, and never as a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[2] / "engine"
MEMORY = 256 * 1024  # kB at the highest point, the interpreter included
SCHEMA_FILE = Path(__file__).parents[2] / "schemas" / "pipeline.json"
GUARD = 60  # seconds; a hang fails, slowness does not

HEAD = r"""
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20,) * 2)
from kinoform.core.errors import SpecError
from kinoform.spec.document import load
SCHEMA = json.load(open(SCHEMA_FILE))
class Folder:
    def bytes(self, path):
        return DATA
    def glob(self, pattern):
        return []
"""
TAIL = r"""
try:
    load(Folder(), "pipeline.yaml", schema=SCHEMA)
    codes = []
except SpecError as error:
    codes = [[p.code, bool(p.where), len(str(p))] for p in error.problems]
status = open("/proc/self/status").read()
print(json.dumps([codes, int(status.split("VmHWM:")[1].split()[0])]))
"""

CASES = {
    "200,000 open lists": ('b"[" * 200_000', "too-deep"),
    "200,000 open maps": ('b"{a: " * 200_000', "too-deep"),
    "200,000 list items in a line": ('b"- " * 200_000', "too-deep"),
    "200,000 complex keys": ('b"? " * 200_000', "too-deep"),
    "deep blocks": ('b"".join(b" " * n + b"a:\\n" for n in range(2000))', "too-deep"),
    "a billion laughs": (
        ('b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\\n" + b"".join(b"a%d: &a%d [%s]\\n" % (n, n, b",".join([b"*a%d" % (n-1)]*10))'
        ' for n in range(1, 40))'), "alias-growth"),
    "a thousand laughs for each of a thousand": (
        'b"a: &a [" + b"x," * 5000 + b"]\\nb: [" + b"*a," * 999 + b"]\\n"', "alias-growth"),
    "a merge bomb": (
        ('b"a: &a {" + b"".join(b"k%d: v, " % n for n in range(50_000)) + b"}\\n"'
        ' + b"".join(b"b%d: {<<: *a}\\n" % n for n in range(900))'), "alias-growth"),
    "a chain of merges": (
        ('b"m0: &m0 {a: 1}\\n" + b"".join(b"m%d: &m%d {<<: [%s], k%d: 1}\\n" % (n, n, b",".join([b"*m%d" % (n-1)]*30), n)'
        ' for n in range(1, 33))'), None),
    "65 MB": ('b"# " + b"x" * 65 * 2**20', "file-too-large"),
    "three million lines": ('b"\\n" * 3_000_000', "file-too-large"),
    "many values": ('b"[" + b"1," * 1_500_000 + b"]"', "too-many-nodes"),
    "too many aliases": ('b"a: &a x\\nb: [" + b"*a," * 5000 + b"]"', "too-many-aliases"),
    "100,000 unknown keys": ('b"".join(b"k%d: v\\n" % n for n in range(100_000))', "unknown-key"),
    "100,000 times one key": ('b"kinoform: 1\\n" * 100_000', "duplicate-key"),
    "100,000 steps of nothing": (
        'b"kinoform: 1\\nsteps:\\n" + b"".join(b"  k%d: 5\\n" % n for n in range(100_000))', "wrong-type"),
    "100,000 names alike": (
        'b"kinoform: 1\\nshots:\\n" + b"".join(b"  k%d: {}\\n  K%d: {}\\n" % (n, n) for n in range(50_000))', "same-name"),
    "a recursive alias": ('b"a: &a {b: &b [*a, *b]}"', "recursive-alias"),
    "a recursive merge": ('b"a: &a {<<: *a}"', "recursive-alias"),
    "a python object": ('b"!!python/object/apply:os.system [id]"', "tag"),
    "zero bytes": ('b"a: 1\\n" * 1000 + b"\\0" * 1000', "control-character"),
    "no UTF-8 at the end of 60 MB with an emoji": (
        '"# 🎬\\n".encode() + (b"# " + b"x" * 1000 + b"\\n") * 60_000 + b"\\xff"', "encoding"),
    "a number of 5,000 digits": ('b"a: " + b"9" * 5000', "unusable-number"),
    "a key of a megabyte": ('b"kinoform: 1\\n" + b"k" * 1000 + b": 1\\nsteps: {" + b"s" * 500_000 + b": {}}"', None),
    "text with marks of direction": ('"kinoform: 1\\nshots: {\\u202eevil: {}}\\n".encode()', "bad-name"),
    "an escape that moves the cursor": ('b"kinoform: 1\\n\\"\\\\e[2J\\": 1\\n"', "control-character"),
}  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="limits and peaks are read the Linux way")
@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_refused_in_little_memory(name: str) -> None:
    data, code = CASES[name]
    program = f"SCHEMA_FILE = {str(SCHEMA_FILE)!r}\n{HEAD}DATA = {data}\n{TAIL}"
    environment = {**os.environ, "PYTHONPATH": str(ENGINE)}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, timeout=GUARD, check=False, env=environment,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    found, peak = json.loads(ran.stdout)
    codes = [problem[0] for problem in found]
    assert codes
    assert code is None or code in codes
    assert all(placed for slug, placed, _ in found if slug != "too-many-faults")
    assert max(length for _, _, length in found) < 600
    assert peak < MEMORY
