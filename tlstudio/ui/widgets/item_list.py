"""A list of items for Qt: what each shows to a view or a screen reader is said by functions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
ITEM_ROLE = Qt.ItemDataRole.UserRole + 1
"""The item itself, for what paints it."""


class ItemListModel(QAbstractListModel):
    """Items in the order they came. `key` tells the same item in other words from another one; `answers` has a function for a role."""

    def __init__(
        self, *, key: Callable[[Any], object], answers: Mapping[Qt.ItemDataRole, Callable[[Any], object]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._key = key
        self._answers = {**answers, ITEM_ROLE: lambda item: item}
        self.items: tuple[Any, ...] = ()

    def set_items(self, items: Sequence[Any]) -> None:
        """Show other items; where they are the same ones that say something else, selection and place stay."""
        is_same = [self._key(item) for item in items] == [self._key(item) for item in self.items]
        if is_same:
            self.items = tuple(items)
            if items:
                self.dataChanged.emit(self.index(0), self.index(len(items) - 1))
            return
        self.beginResetModel()
        self.items = tuple(items)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent and parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        answer = self._answers.get(role)
        return answer(self.items[index.row()]) if answer is not None and index.isValid() else None
