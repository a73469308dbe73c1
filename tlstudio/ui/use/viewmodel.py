"""What the Use panel shows, as plain objects: the run in use and the images it was asked about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tlstudio.domain.judged_apart import judged_apart
from tlstudio.domain.runs import Run, best_run, is_judged_alike
from tlstudio.domain.serving import Answers, ImageAnswer
from tlstudio.messages import Message


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One image somebody dropped; no `answer` while it is on its way."""

    id: int
    file: Path
    answer: ImageAnswer | None = None
    class_names: tuple[str, ...] = ()
    """Of the run that answered."""

    @property
    def is_waiting(self) -> bool:
        return self.answer is None

    @property
    def reason(self) -> Message | None:
        """Why the image could not be answered."""
        return self.answer.reason if self.answer is not None and self.answer.predicted is None else None

    @property
    def name(self) -> str:
        """The class it was answered with; empty without one."""
        predicted = self.answer.predicted if self.answer is not None else None
        return "" if predicted is None else self.class_names[predicted]

    @property
    def probability(self) -> float:
        """Of that class."""
        predicted = self.answer.predicted if self.answer is not None else None
        return 0.0 if self.answer is None or predicted is None else self.answer.probabilities[predicted]

    @property
    def others(self) -> tuple[tuple[str, float], ...]:
        """The next likely classes, at most two."""
        if self.answer is None:
            return ()
        pairs = zip(self.class_names, self.answer.probabilities, strict=False)
        ranked = sorted((pair for pair in pairs if pair[0] != self.name), key=lambda pair: -pair[1])
        return tuple(ranked[:2])


@dataclass
class UseModel:
    """State of the panel. Methods that choose say what has to be asked now."""

    runs: tuple[Run, ...] = ()
    run: Run | None = None
    asked: tuple[Asked, ...] = ()
    """The newest first."""
    _is_chosen_by_hand: bool = False
    _next_id: int = 0

    def set_runs(self, runs: Sequence[Run]) -> bool:
        """Take the project's runs; whether another one is in use now.

        The best one is used until a person chooses another; one that was judged on other images does not take over by itself.
        """
        self.runs = tuple(sorted((run for run in runs if run.is_usable), key=lambda run: run.number, reverse=True))
        kept = next((run for run in self.runs if self.run is not None and run.number == self.run.number), None)
        best = best_run(list(self.runs))
        stays = kept is not None and (self._is_chosen_by_hand or (best is not None and not is_judged_alike(kept, best)))
        return self._use(kept if stays else best)

    def choose_run(self, number: int) -> bool:
        """Use another run; whether it is another one."""
        chosen = next((run for run in self.runs if run.number == number), None)
        self._is_chosen_by_hand = self._is_chosen_by_hand or chosen is not None
        return self._use(chosen or self.run)

    def forget(self) -> None:
        """Another project: nothing chosen in the last one counts."""
        self.runs, self.run, self.asked, self._is_chosen_by_hand = (), None, (), False

    @property
    def best_number(self) -> int | None:
        """Number of the best run; None while there is only one to choose from."""
        best = best_run(list(self.runs)) if len(self.runs) > 1 else None
        return best.number if best else None

    @property
    def note(self) -> Message | None:
        """That the best run is not compared with the one in use, or with one of better figures, where that is so."""
        return judged_apart(self.runs, in_use=self.run)

    @property
    def waiting(self) -> tuple[Asked, ...]:
        """The images without an answer yet, in the order shown."""
        return tuple(item for item in self.asked if item.is_waiting)

    def ask(self, files: Sequence[Path]) -> tuple[Asked, ...]:
        """New images, shown first; an image that is asked about again moves to the front."""
        files = list(dict.fromkeys(files))
        new = tuple(Asked(id=self._next_id + offset, file=file) for offset, file in enumerate(files))
        self._next_id += len(new)
        self.asked = (*new, *(item for item in self.asked if item.file not in files))
        return new

    def accept(self, run: int, ids: Sequence[int], answers: Answers) -> bool:
        """Take answers in the order of `ids`; False where another run is in use by now."""
        if self.run is None or self.run.number != run:
            return False
        by_id = dict(zip(ids, answers.images, strict=True))
        self.asked = tuple(
            replace(item, answer=by_id[item.id], class_names=answers.class_names) if item.id in by_id else item for item in self.asked
        )
        return True

    def refuse(self, run: int, ids: Sequence[int]) -> bool:
        """These get no answer and are no longer shown; False where another run is in use by now."""
        if self.run is None or self.run.number != run:
            return False
        self.asked = tuple(item for item in self.asked if item.id not in set(ids))
        return True

    def clear(self) -> None:
        """Nothing was asked."""
        self.asked = ()

    def _use(self, run: Run | None) -> bool:
        changed = (run and run.number) != (self.run and self.run.number)
        self.run = run
        if changed:
            # Answers of another run would be mistaken for this one's.
            self.asked = tuple(Asked(id=item.id, file=item.file) for item in self.asked)
        return changed
