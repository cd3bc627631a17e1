"""Is there room for session files?"""

from sessiondoctor.api import Fine, Problem, SessionFolder, Severity, Verdicts, check

LEAST_BYTES = 16 * 1024 * 1024
LEAST_FILES = 100


@check(severity=Severity.HIGH)
def session_folder_full(folders: tuple[SessionFolder, ...]) -> Verdicts:
    """The disk that holds the session files is full.

    New sessions cannot be written, and PHP empties one that it cannot write completely. A file system can also run
    out of inodes, one for each file, while it has space left.
    """
    for folder in folders:
        if folder.free_bytes < LEAST_BYTES:
            text = f"{folder.folder} has {folder.free_bytes / 1024:,.0f} KiB left"
        elif folder.inodes and folder.free_inodes < LEAST_FILES:
            text = f"the file system of {folder.folder} has {folder.free_inodes} inodes left"
        else:
            yield Fine(f"{folder.folder} has room", subject=folder.store)
            continue
        unused = f"; {folder.stale:,} of its {folder.sessions:,} session files are older than 30 days"
        yield Problem(text + (unused if folder.stale else ""), subject=folder.store, where=(folder.store,))
