"""The echo server and its client say what they do, serve many at once, and end in good order.

The folder with the programs is given as PRIMED_EXAMPLES.
"""

import os
import re
import signal
import socket
import subprocess
import unittest
from pathlib import Path

FOLDER = Path(os.environ["PRIMED_EXAMPLES"])
LIMIT = 60  # seconds until something that does not end counts as hanging


class Server:
    """An echo server on a port that was free; stopped by SIGINT at the end of the scope."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [FOLDER / "echo_server", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self.started = self.process.stdout.readline()
        found = re.fullmatch(r"Serving on 127\.0\.0\.1:(\d+)\. Press Ctrl-C to stop\.\n",
                             self.started)
        self.port = int(found[1]) if found else 0
        return self

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.output, self.errors = self.process.communicate(timeout=LIMIT)
        return self.process.returncode

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def client(*arguments):
    return subprocess.run([FOLDER / "echo_client", *map(str, arguments)], capture_output=True,
                          text=True, timeout=LIMIT)


class Echo(unittest.TestCase):
    def test_a_client_gets_its_lines_back(self):
        with Server() as server:
            self.assertTrue(server.port, server.started)
            outcome = client(server.port, "first", "second line")
            self.assertEqual((outcome.returncode, outcome.stderr), (0, ""))
            self.assertEqual(outcome.stdout.splitlines(), [
                f"Connected to 127.0.0.1:{server.port}.",
                "Send: first",
                "Received: first",
                "Send: second line",
                "Received: second line",
                "Closed the connection.",
            ])
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.errors, "")
            lines = server.output.splitlines()
            address = lines[0].removesuffix(" connected.")
            self.assertRegex(address, r"^127\.0\.0\.1:\d+$")
            self.assertEqual(lines[1:], [
                f"{address} sent 6 bytes.",
                f"{address} sent 12 bytes.",
                f"{address} disconnected.",
                f"Stopped serving on 127.0.0.1:{server.port}.",
            ])

    def test_a_silent_client_keeps_nobody_waiting_and_does_not_keep_the_server_up(self):
        with Server() as server:
            with socket.create_connection(("127.0.0.1", server.port)) as silent:
                outcome = client(server.port)
                self.assertIn("Received: Hello, world!\n", outcome.stdout)
                self.assertEqual(server.stop(), 0)
                self.assertEqual(silent.recv(10), b"")
            self.assertIn(f"Stopped serving on 127.0.0.1:{server.port}.\n", server.output)
            self.assertEqual(server.output.count(" connected."), 2)
            self.assertEqual(server.output.count(" disconnected."), 2)

    def test_a_client_without_a_server_says_what_is_wrong(self):
        with Server() as server:
            server.stop()
            outcome = client(server.port)
        self.assertEqual((outcome.returncode, outcome.stdout), (1, ""))
        self.assertRegex(outcome.stderr, r"^There was a problem: cannot connect to 127\.0\.0\.1 "
                                         rf"port {server.port} .*connection refused.*\n$")

    def test_a_second_server_on_the_port_says_what_is_wrong(self):
        with Server() as server:
            outcome = subprocess.run([FOLDER / "echo_server", str(server.port)],
                                     capture_output=True, text=True, timeout=LIMIT)
        self.assertEqual((outcome.returncode, outcome.stdout), (1, ""))
        self.assertRegex(outcome.stderr, r"^There was a problem: .*address already in use.*\n$")


if __name__ == "__main__":
    unittest.main()
