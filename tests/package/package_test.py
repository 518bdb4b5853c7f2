"""aio and primes as other projects use them: installed, by pkg-config, among their own sources."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
BUILD = os.environ.get("PRIMED_BUILD", str(SOURCE / "build/release"))
CMAKE = os.environ.get("CMAKE", "cmake")
CXX = os.environ.get("CXX", "g++")
LAUNCHER = os.environ.get("CXX_LAUNCHER", "")
CONSUMER = os.environ.get("PRIMED_CONSUMER", str(HERE / "consumer.cpp"))


def run(*command, env=None):
    """What the command printed; what it said on standard error is in the failure."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          env=os.environ | (env or {}))
    if done.returncode != 0:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.folder = Path(cls._folder.name)
        cls.prefix = cls.folder / "prefix"
        run(CMAKE, "--install", BUILD, "--prefix", cls.prefix)
        cls.libraries = next(cls.prefix.glob("**/libprimed-aio.a")).parent

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def configure(self, project, *options):
        """Prepares the build of one of the projects beside this file; gives its folder."""
        folder = self.folder / project
        run(CMAKE, "-S", HERE / project, "-B", folder, f"-DCMAKE_CXX_COMPILER={CXX}",
            f"-DCMAKE_CXX_COMPILER_LAUNCHER={LAUNCHER}", *options)
        return folder

    def build(self, project, *options):
        """Builds one of the projects beside this file, and gives what its program prints."""
        folder = self.configure(project, f"-DCONSUMER={CONSUMER}", *options)
        run(CMAKE, "--build", folder, "-j", os.cpu_count())
        return run(next(path for path in (folder / "consumer", folder / "bin/consumer")
                        if path.exists()))

    def test_find_package_finds_what_was_installed(self):
        printed = self.build("installed", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.assertEqual(printed, "24 prime\n")

    def test_pkg_config_finds_what_was_installed(self):
        flags = run("pkg-config", "--cflags", "--libs", "libprimed-aio", "libprimed-primes",
                    env={"PKG_CONFIG_PATH": str(self.libraries / "pkgconfig")}).split()
        program = self.folder / "consumer"
        run(CXX, "-std=c++20", CONSUMER, *flags, "-o", program)
        self.assertEqual(run(program), "24 prime\n")

    def test_the_sources_can_stand_among_those_of_another_project(self):
        # Joined, as all of them are compiled anew, which is most of what this test takes.
        printed = self.build("subdirectory", f"-DPRIMED_SOURCE={SOURCE}",
                             "-DPRIMED_JOIN_SOURCES=ON")
        self.assertEqual(printed, "24 prime\n")
        built = {path.name for path in (self.folder / "subdirectory").glob("**/lib*.a")}
        self.assertEqual(built, {"libprimed-aio.a", "libprimed-primes.a"}, "the libraries alone")

    def test_a_project_may_have_targets_of_the_same_names(self):
        # What clashes does so before anything is built; the names of the libraries are built above.
        self.configure("crowded", f"-DPRIMED_SOURCE={SOURCE}", "-DPRIMED_BUILD_PROGRAM=ON",
                       "-DPRIMED_BUILD_TESTS=ON", "-DPRIMED_BUILD_EXAMPLES=ON")

    def test_the_installed_program_reads_its_lists(self):
        for chosen in (self.prefix / "share/primed").glob("*.json"):
            if chosen.name != "jobs.schema.json":
                run(self.prefix / "bin/primed", "check", chosen)

    def test_no_installed_header_needs_uv_or_the_tree(self):
        headers = list((self.prefix / "include").glob("**/*.hpp"))
        self.assertGreater(len(headers), 20)
        for header in headers:
            text = header.read_text()
            self.assertNotIn("<uv.h>", text, header)
            self.assertNotIn('"../', text, header)


if __name__ == "__main__":
    unittest.main(verbosity=2)
