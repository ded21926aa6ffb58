"""Pack a folder into a reproducible zip for Lambda. Usage: pack_zip.py FOLDER ZIP"""

import os
import pathlib
import sys
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # The earliest time that a zip can store.


def pack(folder, target):
    """Write all files below the folder, readable by everybody, because Lambda's user doesn't own them."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if os.access(path, os.X_OK) else 0o100644) << 16
            archive.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    pack(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
