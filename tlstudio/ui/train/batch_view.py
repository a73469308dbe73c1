"""A few images as the network would see them in training, below the settings that change them."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.square_picture import SquarePicture
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr

NUM_COLUMNS = 4
NUM_VIEWS = 8


class BatchCard(QWidget):
    """Renders views; `another_wanted` asks for other images."""

    another_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("What a training batch looks like"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        self.title = Text(tr("What a training batch looks like"), role="strong")
        self.another = button(
            tr("Others"), kind="link", flush=True, name=tr("Show other images of a training batch"), on_click=self.another_wanted.emit
        )
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.another)
        column.addLayout(head)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACE_1 + 1)
        self.pictures = [SquarePicture(name=tr("Image of a training batch")) for _ in range(NUM_VIEWS)]
        for number, picture in enumerate(self.pictures):
            grid.addWidget(picture, *divmod(number, NUM_COLUMNS))
        column.addLayout(grid)
        self.note = Text(role="small", wrap=True)
        column.addWidget(self.note)
        self.show_views([], is_augmented=True, note=tr("Making the pictures…"))

    def show_views(self, views: list[tuple[str, QImage]], *, is_augmented: bool, note: str) -> None:
        """Name and picture of each; none hides the pictures and leaves the note."""
        self.title.setText(tr("What a training batch looks like") if is_augmented else tr("What the network sees"))
        for number, picture in enumerate(self.pictures):
            picture.setVisible(number < len(views))
            if number < len(views):
                name, image = views[number]
                picture.show_image(image)
                picture.setAccessibleName(tr("{name} as the network sees it", name=name))
                picture.setToolTip(name)
        self.another.setVisible(bool(views))
        self.note.setText(note)
        self.note.setVisible(bool(note))
