"""The scenarios, by what they are about."""

import importlib
import pkgutil


def load_all():
    """Registers every scenario of this folder, in the order of the files' names."""
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
