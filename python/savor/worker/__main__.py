"""Start of a worker: python __main__.py FD MODEL ERA [parent].

The package is loaded under a name of its own and leaves nothing on sys.path, so that no module of a model is hidden
by one of ours.
"""

import importlib.util
import os
import sys


def load_package():
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0] or ".") == here:
        del sys.path[0]
    spec = importlib.util.spec_from_file_location(
        "savor_worker", os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["savor_worker"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    load_package()
    from savor_worker.serve import main

    main(sys.argv)
