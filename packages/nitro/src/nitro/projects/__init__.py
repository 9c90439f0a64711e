"""New projects: what ``nitro new`` writes, from the files in ``files``.

A file of a project is there under its own name with ``.txt`` behind it. ``PACKAGE`` in its path
is the package of the project, ``dot-`` a leading dot, and ``$name`` in its text one of the words
of `nitro.projects.writing.words`. Nothing is downloaded.
"""

__all__ = ["FRAMEWORKS", "Project", "ProjectError", "write"]

from nitro.projects.frameworks import FRAMEWORKS
from nitro.projects.names import Project, ProjectError
from nitro.projects.writing import write
