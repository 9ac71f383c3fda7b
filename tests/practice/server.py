"""Starts `tallyhost practice` on a free port and stops it; knows the people one can sign in as."""
import json
import os
import subprocess
import tempfile
import time
import urllib.request

START_SECONDS = 60  # sanitizer builds are slow to start


class Practice:
    """The program, until the end of the with block."""

    def __init__(self, *flags):
        self.flags = flags

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        ready = os.path.join(self.folder.name, "ready.json")
        command = [os.environ["TH_PROGRAM"], "practice", "--listen", "127.0.0.1:0", "--ready-file", ready,
                   "--log-format", "json", *self.flags]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not os.path.exists(ready):
            if self.process.poll() is not None:
                raise RuntimeError(f"the program ended with {self.process.returncode}")
            if time.monotonic() > deadline:
                raise RuntimeError("the program did not start")
            time.sleep(0.01)
        with open(ready, encoding="utf-8") as file:
            told = json.load(file)
        self.url = told["practice"]
        self.people = {person["name"].split()[0]: person for person in told["credentials"]}
        return self

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(timeout=START_SECONDS)
        self.folder.cleanup()
        if status != 0:
            raise RuntimeError(f"the program ended with {status}")

    def control(self, method, path, body=None):
        """A control route, below /practice/."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text else None
