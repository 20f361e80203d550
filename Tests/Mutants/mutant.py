#!/usr/bin/env python3
"""The mutants of the tables in this folder: changes to the sources with which some test must fail.

mutant.py list             prints the file of each and, after a tab, its meaning; fails unless each applies to exactly one place
mutant.py apply N FOLDER   applies it in the copy of Sources in FOLDER
mutant.py restore N FOLDER restores the file
"""

import pathlib
import sys
import tomllib

HERE = pathlib.Path(__file__).parent
SOURCES = HERE.parent.parent / "Sources"


def mutants():
    found = []
    for table in sorted(HERE.glob("*.toml")):
        for mutant in tomllib.loads(table.read_text())["mutant"]:
            if set(mutant) != {"means", "file", "from", "to"}:
                sys.exit(f"{table.name}: a mutant has means, file, from and to: {mutant}")
            found.append(mutant)
    return found


def mutate(mutant):
    """The text of the file with the change."""
    text = (SOURCES / mutant["file"]).read_text()
    places = text.count(mutant["from"])
    if places != 1:
        sys.exit(f"{mutant['file']}: {mutant['means']}: the text that it changes occurs {places} times, not once")
    return text.replace(mutant["from"], mutant["to"])


def main(command, number="", folder=""):
    every = mutants()
    if command == "list":
        if len({mutant["means"] for mutant in every}) != len(every):
            sys.exit("two mutants mean the same")
        for mutant in every:
            mutate(mutant)
            print(mutant["file"], mutant["means"], sep="\t")
        return
    mutant = every[int(number)]
    target = pathlib.Path(folder, mutant["file"])
    if command == "apply":
        target.write_text(mutate(mutant))
    elif command == "restore":
        target.write_text((SOURCES / mutant["file"]).read_text())
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
