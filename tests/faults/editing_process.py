"""A process that edits a project and says each edit once it is acknowledged. Run: python editing_process.py PROJECT SEED."""

import random
import sys
from pathlib import Path

from tlstudio.domain.commands import AddClass, SetClasses, SetNotes
from tlstudio.domain.samples import NewSample
from tlstudio.project.project import Project


def main(folder: Path, seed: int) -> None:
    """Edit until killed. Each line said: the number of the edit that is on the disk."""
    chance = random.Random(seed)
    project = Project.open(folder, kind="window")
    print("ready" if project.writable else f"read-only {project.read_only_reason}", flush=True)
    number = int(project.samples([1])[0].note or 0)
    while True:
        number += 1
        what = chance.random()
        ids = [item.id for item in project.dataset().samples[1:]]
        classes = [item.id for item in project.dataset().classes]
        if what < 0.7:
            project.apply(SetClasses(class_by_sample=dict.fromkeys(chance.sample(ids, 3), chance.choice(classes))))
        elif what < 0.8:
            project.apply(AddClass(class_id=f"{seed}-{number}", name=f"class {seed}-{number}"))
        elif what < 0.9:
            project.undo()
        else:
            new = [NewSample(path=f"{seed}/{number}-{item}.jpg", content_hash="h", width_px=1, height_px=1) for item in range(50)]
            project.add_samples(project.dataset().roots[0], new, given_splits=False)
        project.apply(SetNotes(note_by_sample={1: str(number)}), undoable=False)
        print(number, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
