"""Debian's archive in a folder: a source package `curl` of three files, and a real apt that uses only this archive."""

import hashlib
import os
import shutil
import subprocess

# Replaces half a minute of configuring and compiling.
CONFIGURE = """#!/bin/sh
echo "configured with $*" >config.log
{more}
printf 'libcurl.la:\\n\\tmkdir .libs && echo compiled >.libs/libcurl.a\\n' >lib/Makefile
"""


class Archive:
    """A stand-in for Debian's archive, and an apt that uses nothing else."""

    def __init__(self, folder, suite):
        self.folder, self.suite = folder, suite
        self.variables = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}
        (folder / "parts").mkdir(parents=True)
        (folder / "apt.conf").write_text(
            f'Dir::Etc::SourceList "{folder}/sources.list";\nDir::Etc::SourceParts "{folder}/parts";\n'
        )

    def offer(self, version, more="true"):
        """Put the source package into the archive; `more` is added to its configure script."""
        source = self.folder / "curl-1"
        for path in ("lib", "debian/source"):
            (source / path).mkdir(parents=True)
        (source / "configure").write_text(CONFIGURE.format(more=more))
        (source / "configure").chmod(0o755)
        (source / "debian/copyright").write_text("Copyright: whoever\n")
        (source / "debian/source/format").write_text("1.0\n")
        (source / "debian/control").write_text(
            "Source: curl\nMaintainer: Nobody <nobody@example.com>\n\nPackage: libcurl\nArchitecture: any\n"
        )
        (source / "debian/changelog").write_text(
            f"curl ({version}) {self.suite}; urgency=low\n\n  * x\n\n"
            " -- Nobody <nobody@example.com>  Thu, 01 Jan 2026 00:00:00 +0000\n"
        )
        command = ["dpkg-source", "-q", "-sn", "-b", source.name]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        shutil.rmtree(source)
        index = self.folder / f"dists/{self.suite}/main/source/Sources"
        index.parent.mkdir(parents=True)
        listed = subprocess.run(["dpkg-scansources", "."], cwd=self.folder, check=True, capture_output=True)
        index.write_bytes(listed.stdout)
        (self.folder / f"dists/{self.suite}/Release").write_text(
            f"Codename: {self.suite}\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n"
            f" {hashlib.sha256(listed.stdout).hexdigest()} {len(listed.stdout)} main/source/Sources\n"
        )
        self.one_line(f"deb [trusted=yes] file:{self.folder} {self.suite} main")
        return self

    def one_line(self, *lines):
        (self.folder / "sources.list").write_text("".join(f"{line}\n" for line in lines))

    def paragraphs(self, name, *paragraphs):
        (self.folder / "sources.list").unlink(missing_ok=True)
        (self.folder / "parts" / name).write_text("\n".join(paragraphs))

    def vanish(self):
        shutil.rmtree(self.folder / "dists")
