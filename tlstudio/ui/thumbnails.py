"""Thumbnails for the window: fetched in a lane of their own, cut to the size asked for, kept within a budget of memory."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from tlstudio.ui.background import Background
from tlstudio.ui.jpegs import from_jpeg

if TYPE_CHECKING:
    from tlstudio.datasets.thumbnails import ThumbnailStore
    from tlstudio.project.project import Project

Shape = Literal["square", "whole"]

_BUDGET_BYTES = 96 * 1024 * 1024
_CHUNK = 16


class Wish(NamedTuple):
    """One picture: of which content, how large (device pixels), cut to a rounded square or whole."""

    content_hash: str
    size_px: int
    shape: Shape = "square"
    radius_px: int = 6


class Thumbnails(QObject):
    """`get` answers at once with what is there; `want` says what should come next. The newest wish list counts, older ones are dropped."""

    arrived = Signal()
    """Some pictures came; whoever shows thumbnails paints again."""

    stale = Signal()
    """What could not be had before may be there now; whoever shows thumbnails asks again."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._project: Project | None = None
        self._stored = _Stored()
        self._kept = _Kept()
        self._missing: set[str] = set()
        self._wishes: dict[int, list[Wish]] = {}
        self._is_fetching = False
        self._generation = 0

    def open(self, project: "Project | None") -> None:
        """Show another project's pictures from now on, or none."""
        self._project = project
        self._kept.clear()
        self._missing.clear()
        self._wishes.clear()

    def close(self) -> None:
        """Close the store; only after the lanes have ended."""
        self._project = None
        self._stored.close()

    def get(self, wish: Wish) -> QImage | None:
        """The picture, the same picture at another size, or None while it is not here."""
        return self._kept.get(wish)

    def want(self, owner: object, wishes: Iterable[Wish]) -> None:
        """What `owner` (a widget) shows now and does not have yet; replaces what it wanted before."""
        self._wishes[id(owner)] = [wish for wish in wishes if wish not in self._kept and wish.content_hash not in self._missing]
        self._fetch()

    def look_again(self) -> None:
        """Thumbnails that were not there may have been made since; whoever shows some asks again."""
        self._missing.clear()
        self.stale.emit()

    def forget(self) -> None:
        """All pictures are others now (the project's brightness was changed); whoever shows some asks again."""
        self._generation += 1
        self._kept.clear()
        self._missing.clear()
        self.stale.emit()
        self.arrived.emit()

    @property
    def missing(self) -> frozenset[str]:
        """Contents that were asked for and have no thumbnail."""
        return frozenset(self._missing)

    def _fetch(self) -> None:
        project = self._project
        if self._is_fetching or project is None:
            return
        chunk = self._next_chunk()
        if not chunk:
            return
        self._is_fetching, generation = True, self._generation

        def on_done(found: dict[Wish, QImage]) -> None:
            self._is_fetching = False
            if project is self._project and generation == self._generation:
                self._missing.update(wish.content_hash for wish in chunk if wish not in found)
                self._kept.put(found)
                self.arrived.emit()
            self._fetch()

        self._background.run(lambda _report, _stop: self._stored.read(project, chunk), done=on_done, lane="thumbnails")

    def _next_chunk(self) -> list[Wish]:
        chunk: list[Wish] = []
        for wishes in self._wishes.values():
            while wishes and len(chunk) < _CHUNK:
                wish = wishes.pop(0)
                if wish not in self._kept and wish not in chunk:
                    chunk.append(wish)
        return chunk


class _Stored:
    """The stored thumbnails of one project at a time; touched in the lane alone."""

    def __init__(self) -> None:
        self._store: ThumbnailStore | None = None
        self._project: Project | None = None

    def read(self, project: "Project", chunk: list[Wish]) -> dict[Wish, QImage]:
        """Read the bytes, decode, cut."""
        store = self._of(project)
        found: dict[Wish, QImage] = {}
        for wish in chunk:
            data = store.get(wish.content_hash)
            image = from_jpeg(data)
            if not image.isNull():
                found[wish] = cut(image, wish)
        return found

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store = self._project = None

    def _of(self, project: "Project") -> "ThumbnailStore":
        if self._store is None or self._project is not project:
            from tlstudio.operations.thumbnails import thumbnail_store

            self.close()
            self._store, self._project = thumbnail_store(project), project
        return self._store


class _Kept:
    """Pictures in memory, the least recently shown given up first."""

    def __init__(self) -> None:
        self._images: OrderedDict[Wish, QImage] = OrderedDict()
        self._by_hash: dict[tuple[str, Shape], Wish] = {}
        self._num_bytes = 0

    def __contains__(self, wish: Wish) -> bool:
        return wish in self._images

    def get(self, wish: Wish) -> QImage | None:
        """The picture, or the same one at another size."""
        image = self._images.get(wish)
        if image is not None:
            self._images.move_to_end(wish)
            return image
        other = self._by_hash.get((wish.content_hash, wish.shape))
        return None if other is None else self._images.get(other)

    def put(self, found: dict[Wish, QImage]) -> None:
        for wish, image in found.items():
            self._images[wish] = image
            self._by_hash[wish.content_hash, wish.shape] = wish
            self._num_bytes += image.sizeInBytes()
        while self._num_bytes > _BUDGET_BYTES:
            old, image = self._images.popitem(last=False)
            self._num_bytes -= image.sizeInBytes()
            if self._by_hash.get((old.content_hash, old.shape)) == old:
                del self._by_hash[old.content_hash, old.shape]

    def clear(self) -> None:
        self._images.clear()
        self._by_hash.clear()
        self._num_bytes = 0


def cut(image: QImage, wish: Wish) -> QImage:
    """`image` at the size of `wish`: its middle as a rounded square, or all of it."""
    mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding if wish.shape == "square" else Qt.AspectRatioMode.KeepAspectRatio
    scaled = image.scaled(QSize(wish.size_px, wish.size_px), mode, Qt.TransformationMode.SmoothTransformation)
    if wish.shape == "square":
        left, top = (scaled.width() - wish.size_px) // 2, (scaled.height() - wish.size_px) // 2
        scaled = scaled.copy(QRect(left, top, wish.size_px, wish.size_px))
    return _rounded(scaled, wish.radius_px) if wish.radius_px else scaled


def _rounded(image: QImage, radius_px: int) -> QImage:
    result = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    result.fill(QColor(Qt.GlobalColor.transparent))
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(image))
    painter.drawRoundedRect(QRectF(result.rect()), radius_px, radius_px)
    painter.end()
    return result
