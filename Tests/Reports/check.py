"""Opens reports in Chromium without a window and looks at every figure.

    check.py BROWSER SCREENSHOTS PAGE...

SCREENSHOTS is a folder, or empty for none. The browser is asked through its debugging pipe, in real time: sounds load
and are decoded as for a person.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Width, height, dark.
WINDOWS = [(1280, 900, False), (1280, 900, True), (390, 844, False), (390, 844, True)]
CHECK = (Path(__file__).parent / "check.js").read_text()


class Browser:
    """Chromium, and messages to and from it: JSON that ends with a zero byte."""

    def __init__(self, path, profile):
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()
        command = [path, "--headless", "--no-sandbox", "--disable-gpu", "--mute-audio", "--remote-debugging-pipe",
                   f"--user-data-dir={profile}"]

        def connect():
            # The browser reads from descriptor 3 and writes to 4. Copies first: one could be in the other's place.
            ends = os.dup(to_read), os.dup(back_write)
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(command, preexec_fn=connect, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(back_write)
        self.rest, self.number, self.session, self.logged = b"", 0, None, []

    def receive(self):
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 20)
            if not more:
                sys.exit("the browser ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(message)
        parameters = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.logged.append(json.dumps(parameters["exceptionDetails"])[:500])
        elif message.get("method") == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
            self.logged.append(json.dumps(parameters["args"])[:500])
        elif message.get("method") == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.logged.append(parameters["entry"]["text"][:500])
        return message

    def wait(self, method):
        while self.receive().get("method") != method:
            pass

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while (answer := self.receive()).get("id") != self.number:
            pass
        if "error" in answer:
            sys.exit(f"{method}: {answer['error']}")
        return answer["result"]


def check(browser, page, width, height, dark):
    """Returns what the page says of its figures."""
    browser.session, browser.logged = None, []
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log"):
        browser.call(f"{domain}.enable")
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                 mobile=width < 600)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.call("Emulation.setEmulatedMedia", features=[scheme])
    browser.call("Page.navigate", url=page.resolve().as_uri())
    browser.wait("Page.loadEventFired")
    result = browser.call("Runtime.evaluate", expression=CHECK, awaitPromise=True, returnByValue=True)
    value = result["result"].get("value") or f"failed: {json.dumps(result)[:500]}"
    if browser.logged:
        value = "failed, the page logs: " + "; ".join(browser.logged)
    return value


def main():
    path, screenshots, *pages = sys.argv[1:]
    failures = 0
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(path, profile)
        for page in map(Path, pages):
            for width, height, dark in WINDOWS:
                found = check(browser, page, width, height, dark)
                failures += not found.startswith("passed")
                print(f"{page.name}, {width} wide, {'dark' if dark else 'light'}: {found}")
                if screenshots:
                    picture = browser.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
                    name = f"{page.stem}-{width}{'-dark' if dark else ''}.png"
                    (Path(screenshots) / name).write_bytes(base64.b64decode(picture))
            printed = base64.b64decode(browser.call("Page.printToPDF")["data"])
            print(f"{page.name}, printed: {len(printed)} bytes")
            failures += not printed.startswith(b"%PDF")
        browser.session = None
        browser.call("Browser.close")
        browser.process.wait()
    sys.exit(1 if failures else 0)


main()
