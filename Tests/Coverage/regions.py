#!/usr/bin/env python3
"""Checks llvm-cov's export of a run: every region of these folders was executed.

regions.py EXPORT SOURCES FOLDER…: prints a line for each file, and one for each region that was not executed.
"""

import collections
import json
import pathlib
import sys

# Regions that no input reaches: the file, the region's first line, and why.
UNREACHABLE = {
    ("YAML/YAMLEvents.swift", "guard yaml_parser_initialize(parser) == 1 else {"): (
        "the parser fails to begin only without memory"
    ),
    (
        "YAML/YAMLEvents.swift",
        'let problem = parser.pointee.problem.map { String(cString: $0) } ?? "this is not YAML"',
    ): "the parser names its problem unless it has no memory left",
    (
        "YAML/YAMLReader.swift",
        "case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:",
    ): "the parser sends a value where one is due, and the switch must say what it does otherwise",
}

CODE = 0  # the kind of a region of code; others are gaps, skips or expansions


def regions(export):
    """Each region with its count; those of all specialisations of a generic function are added."""
    counts = collections.Counter()
    for data in export["data"]:
        for function in data["functions"]:
            for line, column, end_line, end_column, count, file, _, kind in function["regions"]:
                if kind == CODE:
                    counts[function["filenames"][file], line, column, end_line, end_column] += count
    return counts


def text(lines, line, column, end_line, end_column):
    """The text of a region; the compiler counts columns in bytes."""
    part = lines[line - 1 : end_line]
    part[-1] = part[-1][: end_column - 1]
    part[0] = part[0][column - 1 :]
    return b"\n".join(part)


def main(export, sources, *folders):
    counts = regions(json.loads(pathlib.Path(export).read_bytes()))
    files = sorted(file for folder in folders for file in pathlib.Path(sources, folder).rglob("*.swift"))
    missing, unused, total = [], set(UNREACHABLE), 0
    for file in files:
        lines = file.read_bytes().split(b"\n")
        name = str(file.relative_to(sources))
        known = executed = 0
        for (path, *place), count in sorted(counts.items()):
            # After a loop that ends only with a return, the compiler reports a region of closing braces.
            if pathlib.Path(path) != file or not text(lines, *place).strip(b"{} \n"):
                continue
            known += 1
            first = lines[place[0] - 1].decode().strip()
            if count == 0 and (name, first) in UNREACHABLE:
                print(f"{name}:{place[0]}: not reachable: {UNREACHABLE[name, first]}")
                unused.discard((name, first))
                count = 1
            if count == 0:
                missing.append(f"{name}:{place[0]}:{place[1]}: never executed: {first}")
            executed += count > 0
        total += known
        if known:
            print(f"{executed:5} of {known:4} regions  {name}")
    if not total:
        missing.append("the export names no region of these folders")
    missing += [f"{file}: this region is reached, or is gone: take it out of the list: {line}" for file, line in unused]
    print(f"{total - len(missing)} of {total} regions of {len(files)} files" if missing else f"{total} regions, 100 %")
    print("\n".join(missing), end="\n" if missing else "")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
