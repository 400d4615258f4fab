"""The menu of presets."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QToolButton, QWidgetAction

from ..desk import Desk
from ..editing import apply_preset, save_default, save_preset
from ..model.presets import Preset

__all__ = ["PresetMenu"]


class PresetMenu(QToolButton):
    """Take one, keep the knobs as one, bring one from a file or give one away."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setText("Presets")
        self.setToolTip("Settings under a name")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.names = QMenu(self)
        self.names.aboutToShow.connect(self._fill)
        self.setMenu(self.names)
        self.field = QLineEdit()

    def _fill(self) -> None:
        menu, node = self.names, self.desk.document.node
        menu.clear()
        names = self.desk.presets.names(node)
        for name in names:
            menu.addAction(name, partial(self._take, name))
        if not names:
            menu.addAction("No presets yet: type a name below").setEnabled(False)
        menu.addSeparator()
        self.field = QLineEdit()
        self.field.setPlaceholderText("Save as …")
        self.field.setAccessibleName("Name of a new preset")
        self.field.returnPressed.connect(self._keep)
        action = QWidgetAction(menu)
        action.setDefaultWidget(self.field)
        menu.addAction(action)
        menu.addAction("Begin this look with these settings", partial(save_default, self.desk))
        menu.addSeparator()
        menu.addAction("Import …", self._import)
        menu.addAction("Export …", self._export)
        if names:
            removing = menu.addMenu("Remove")
            for name in names:
                removing.addAction(name, partial(self.desk.presets.remove, node, name))

    def _take(self, name: str) -> None:
        preset = self.desk.presets.load(self.desk.document.node, name)
        if preset is not None:
            apply_preset(self.desk, preset)

    def _keep(self) -> None:
        name = self.field.text().strip()
        if name:
            save_preset(self.desk, name)
            self.names.close()

    def _import(self) -> None:
        dialog = QFileDialog(self, "Import a preset", "", "Presets (*.json)")
        dialog.fileSelected.connect(lambda path: self._bring(Path(path)))
        dialog.open()

    def _bring(self, path: Path) -> Preset | None:
        try:
            preset = self.desk.presets.bring(path)
        except (ValueError, OSError) as error:
            self.desk.say(str(error), bad=True)
            return None
        apply_preset(self.desk, preset)
        return preset

    def _export(self) -> None:
        dialog = QFileDialog(self, "Export a preset", "preset.json", "Presets (*.json)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda path: save_preset(self.desk, Path(path).stem, Path(path)))
        dialog.open()
