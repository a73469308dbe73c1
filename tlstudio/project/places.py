"""What kind of place a project lies in: a disk of this computer, a network drive, or a folder that a cloud program copies."""

import os
import re
from pathlib import Path

import psutil

_NETWORK = {
    "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "9p", "virtiofs", "vboxsf", "fuse.vmhgfs-fuse",
    "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gvfsd-fuse", "davfs", "fuse.davfs2", "webdav", "ceph", "fuse.ceph", "glusterfs",
    "fuse.glusterfs", "lustre", "gpfs", "beegfs", "ncpfs", "ocfs2", "gfs2",
}  # fmt: skip
_SYNCED = re.compile(
    r"(dropbox|onedrive|google ?drive|my drive|icloud ?drive|com~apple~clouddocs|nextcloud|owncloud)($|[^a-z])", re.IGNORECASE
)
_SYNC_MARKS = (".dropbox", ".dropbox.cache", ".owncloudsync.log", ".nextcloudsync.log", ".sync_journal.db")


def is_shared(folder: Path) -> bool:
    """Whether other computers see `folder` too, so that memory shared between processes cannot keep its readers in step."""
    folder = folder.absolute()
    return file_system(folder) in _NETWORK or str(folder).startswith(r"\\") or _is_synced(folder)


def file_system(folder: Path) -> str:
    """The type of the file system that holds `folder`, in lower case; empty where it cannot be said."""
    try:
        mounts = psutil.disk_partitions(all=True)
    except OSError:
        return ""
    real = os.path.realpath(folder)
    holding = [item for item in mounts if _is_below(real, item.mountpoint)]
    return max(holding, key=lambda item: len(item.mountpoint)).fstype.lower() if holding else ""


def _is_below(path: str, mount: str) -> bool:
    path, mount = os.path.normcase(path), os.path.normcase(mount)
    return path == mount or path.startswith(mount.rstrip("/\\") + os.sep)


def _is_synced(folder: Path) -> bool:
    for place in (folder, *folder.parents):
        if _SYNCED.match(place.name):
            return True
        if place != Path.home() and any((place / mark).exists() for mark in _SYNC_MARKS):
            return True
    return False
