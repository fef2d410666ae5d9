"""`homing.open(path_or_url)`: a workspace from Python, with the verbs of the command line and tables for answers."""

from homing.client.frame import Frame
from homing.client.workspace import OpenWorkspace, open_workspace

__all__ = ["Frame", "OpenWorkspace", "open_workspace"]
