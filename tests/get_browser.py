"""Find a Chromium for the browser tests; run as a script, fetch one without root (`make browser`).

Looked for in this order: $CADENCE_CHROMIUM, the PATH, Playwright's own, .browser/ of this checkout.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FETCHED = ROOT / ".browser"
# Pinned: an unpinned install has given a build that Playwright could not drive.
NPM_PACKAGE = "@sparticuz/chromium@153.0.0"
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Browser:
    """An executable, and what must be added to the environment for it to start."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)


def find_browser() -> Browser | None:
    """Return the first Chromium there is, or None."""
    named = os.environ.get("CADENCE_CHROMIUM")
    if named:
        return Browser(Path(named))
    for command in COMMANDS:
        found = shutil.which(command)
        if found:
            return Browser(Path(found))
    own = playwright_own()
    if own:
        return Browser(own)
    if (FETCHED / "chromium").exists():
        return Browser(
            FETCHED / "chromium",
            {
                "LD_LIBRARY_PATH": str(FETCHED / "al2023" / "lib"),
                "FONTCONFIG_FILE": str(FETCHED / "fonts.conf"),
            },
        )
    return None


def playwright_own() -> Path | None:
    """Return the newest browser that `playwright install` has put into its usual folder, if any."""
    usual = Path.home() / (
        "Library/Caches/ms-playwright" if sys.platform == "darwin" else ".cache/ms-playwright"
    )
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or usual)
    names = (
        "chrome",
        "chrome-headless-shell",
        "headless_shell",
        "Chromium",
        "Google Chrome for Testing",
    )
    found = [
        path
        for path in sorted(folder.glob("chromium*/**/*"))
        if path.name in names and path.is_file() and os.access(path, os.X_OK)
    ]
    return found[-1] if found else None


def fetch_with_playwright() -> bool:
    """Download Playwright's own Chromium; False when it cannot be had or does not start here."""
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    if subprocess.run(command, check=False).returncode:
        return False
    own = playwright_own()
    return own is not None and starts(Browser(own))


def fetch_with_npm() -> bool:
    """Unpack a Chromium that brings its own libraries from the npm package into .browser/."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    FETCHED.mkdir(exist_ok=True)
    command = [npm, "pack", "--silent", NPM_PACKAGE]
    if subprocess.run(command, cwd=FETCHED, check=False, stdout=subprocess.DEVNULL).returncode:
        return False
    for archive in FETCHED.glob("*.tgz"):
        unpack(archive)
        archive.unlink()
    browser = find_browser()
    return browser is not None and starts(browser)


def unpack(archive: Path) -> None:
    import brotli  # only this path needs it

    with tarfile.open(archive) as package:
        package.extractall(FETCHED, filter="data")
    packed = FETCHED / "package" / "bin"
    program = FETCHED / "chromium"
    program.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    program.chmod(0o755)
    for name in ("al2023", "swiftshader"):
        plain = FETCHED / f"{name}.tar"
        plain.write_bytes(brotli.decompress((packed / f"{name}.tar.br").read_bytes()))
        # The libraries find each other by folder; the drawing ones lie beside the program.
        with tarfile.open(plain) as libraries:
            libraries.extractall(FETCHED / name if name == "al2023" else FETCHED, filter="data")
        plain.unlink()
    shutil.rmtree(FETCHED / "package")
    # The package's own fonts.conf names folders of a cloud host; no font at all stops the renderer.
    (FETCHED / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{ROOT / 'static'}</dir><dir>{ROOT / 'templates'}</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{FETCHED / 'fontcache'}</cachedir></fontconfig>"
    )


def starts(browser: Browser) -> bool:
    """True if it draws one page: a binary whose libraries are missing only shows that by running."""
    with sync_playwright() as playwright:
        try:
            chromium = launch(playwright, browser)
        except Error:
            return False
        page = chromium.new_page()
        page.set_content("<p>Cadence")
        drawn = page.inner_text("p") == "Cadence"
        chromium.close()
    return drawn


def launch(playwright: Playwright, browser: Browser) -> Chromium:
    """Start it as every test does."""
    # Root has no sandbox to give; everybody else keeps it.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(
        executable_path=browser.executable,
        args=[*options, "--disable-dev-shm-usage"],
        env={**os.environ, **browser.environment},
    )


def main() -> int:
    browser = find_browser()
    if browser is None and not (fetch_with_playwright() or fetch_with_npm()):
        sys.stderr.write(
            "No Chromium could be fetched: Playwright's download failed or does not start here, "
            "and npm could not fetch its package.\n"
            "Install one (apt install chromium) or name one: CADENCE_CHROMIUM=/path/to/chromium\n"
        )
        return 1
    found = find_browser()
    sys.stdout.write(f"Browser tests will use {found.executable if found else 'nothing'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
