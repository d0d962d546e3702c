"""``python -m tests.browser.install``: make sure there is a browser, and Chinese fonts for it.

Debian's packages when we are root, Playwright's own browser elsewhere. When none can be had this
says so loudly, and fails if ``CI=true``: browser tests would otherwise be skipped unnoticed.
"""

import os
import shutil
import subprocess
import sys

from tests.browser.chromium import chromium

LOUD = """
****************************************************************
没有可用的浏览器，浏览器测试将被跳过！
NO BROWSER: browser tests will be skipped!
以 root 运行 apt-get install chromium fonts-noto-cjk，
或设置 YIJIANSHI_BROWSER=/path/to/chromium
****************************************************************
"""


def has_chinese_fonts() -> bool:
    """Whether fontconfig knows a font with Chinese letters; without it pages show empty boxes."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False)
    return bool(listed.stdout.strip())


def install_from_debian(packages: list[str]) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        if subprocess.run(command, env=environment, check=False).returncode:
            return


def main() -> int:
    packages = []
    if chromium() is None:
        packages += ["chromium", "chromium-l10n"]  # date fields in Chinese
    if not has_chinese_fonts():
        packages += ["fontconfig", "fonts-noto-cjk"]
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        install_from_debian(packages)
    if chromium() is None:
        command = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
        subprocess.run(command, check=False)
    if chromium() is not None:
        return 0
    sys.stderr.write(LOUD)
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
