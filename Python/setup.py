"""One wheel for every Python: the library is no extension of Python's, but it is of one kind of machine."""

import os

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel


class PlatformDistribution(Distribution):
    def has_ext_modules(self):
        return True


class PlatformWheel(bdist_wheel):
    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


# make wheel sets it: the version stands in one place, which is in the library.
setup(
    version=os.environ.get("VQW2V_VERSION", "0"), cmdclass={"bdist_wheel": PlatformWheel},
    distclass=PlatformDistribution)
