"""A directory searched by choosing from what git lists."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from migrator.find.git import Tree
from migrator.find.scope import Listed, Scope
from migrator.find.walk import Rules


def choose(root: str, tree: Tree, scope: Scope, listed: Listed, search: Callable[[str], None]) -> None:
    """Gather the wanted files of ``tree``, in the order of a walk; a repository inside of it is left to ``search``."""
    folders = _Folders(root, tree, scope, listed)
    prefix = "" if os.path.normpath(root) == os.curdir else os.path.join(root, "")
    for name in sorted((*tree.files, *tree.holders), key=lambda name: name.replace("/", "\0")):
        folder, _, last = name.rpartition("/")
        rules = folders.rules(folder)
        if rules is None:
            continue
        path = prefix + name.replace("/", os.sep)
        if name in tree.holders:
            if folders.rules(name) is not None and os.path.isdir(path):
                search(path)
        elif rules.wants(last) and (mode := _mode(path)):
            if stat.S_ISLNK(mode):
                if not os.path.isfile(path):
                    continue
                listed.links.add(path)
            elif not stat.S_ISREG(mode):
                continue
            listed.files.append(path)


def _mode(path: str) -> int:
    """Give what a file is, a link as one; 0 where there is none."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


class _Folders:
    """The rules of every folder of a tree, made when first asked for."""

    __slots__ = ("environments", "known", "listed", "root", "scope")

    def __init__(self, root: str, tree: Tree, scope: Scope, listed: Listed) -> None:
        self.root, self.scope, self.listed = root, scope, listed
        self.environments = {name.rpartition("/")[0] for name in tree.files if name.endswith("pyvenv.cfg")} - {""}
        self.known: dict[str, Rules | None] = {"": Rules(os.path.abspath(root), "", scope, None)}

    def rules(self, folder: str) -> Rules | None:
        """Give the rules of a folder; None where it, or one that it stands in, is passed over."""
        if folder not in self.known:
            above, _, name = folder.rpartition("/")
            outer = self.rules(above)
            path = os.path.join(self.root, folder)
            if outer is not None and (outer.passes_over(name) or folder in self.environments):
                self.listed.skipped.append(path)
                outer = None
            self.known[folder] = None if outer is None else outer.below(name, None)
        return self.known[folder]
