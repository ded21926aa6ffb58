"""Write the variant of template.yaml for a zip instead of an image: zip_template.py >.build-zip/template.yaml

SAM has no template for both: docs/decisions/0025-image-or-zip.md. So the lines that say how the function is packed
are replaced here, and everything else is the template itself. Paths are relative to the new file's folder.
"""

import pathlib
import platform
import sys

TEMPLATE = pathlib.Path(__file__).resolve().parents[1] / "template.yaml"
ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())

REPLACED = {
    # The program in the zip is for this machine's architecture.
    """\
    Default: x86_64
    AllowedValues: [x86_64, arm64]
""": f"""\
    Default: {ARCHITECTURE}
    AllowedValues: [{ARCHITECTURE}]
""",
    # SAM runs the target build-Proxy of the Makefile in ContextPath. It copies CodeUri first, so that must not be the
    # checkout with all its build products.
    """\
      DockerContext: .
      Dockerfile: Dockerfile
      DockerTag: latest
""": """\
      BuildMethod: makefile
      ContextPath: ..
      WorkingDirectory: ..
""",
    """\
      PackageType: Image
""": """\
      PackageType: Zip
      CodeUri: function
      Runtime: provided.al2023
      Handler: bootstrap
""",
}


def for_zip(template):
    """Return the template's text with the function as a zip."""
    for image, package in REPLACED.items():
        if template.count(image) != 1:
            sys.exit(f"template.yaml has these lines {template.count(image)} times where once is expected:\n{image}")
        template = template.replace(image, package)
    return template


if __name__ == "__main__":
    sys.stdout.write(for_zip(TEMPLATE.read_text()))
