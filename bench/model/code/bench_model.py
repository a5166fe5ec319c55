"""The model that bench/worker.c asks: it does next to nothing, so that what is left is the way there and back."""


class Echo:
    """One number, or for an even number of rows the rows as they came."""

    def predict(self, data):
        return data if len(data) % 2 == 0 else [1.0]


def _load_pyfunc(path):
    return Echo()
