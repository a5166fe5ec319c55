#!/usr/bin/env python3
"""Make one large random forest, as every file that MLflow writes or people put in its place, for bench_load.

    forest.py FOLDER [TREES]     needs scikit-learn, joblib and skops; 250 trees are about 300 MB and two minutes
"""
import os
import pickle
import sys
import zipfile

import joblib
import numpy as np
import sklearn
import skops.io
from sklearn.ensemble import RandomForestClassifier

ROWS, COLUMNS, CLASSES = 20000, 10, 3
MLMODEL = """flavors:
  python_function: {{loader_module: mlflow.sklearn, model_path: {file}, predict_fn: predict_proba}}
  sklearn: {{pickled_model: {file}, serialization_format: {form}, sklearn_version: {version}}}
"""


def write_pickle(model, path):
    with open(path, "wb") as f:
        pickle.dump(model, f)


FORMS = {
    "pickle": ("model.pkl", write_pickle),
    "joblib": ("model.pkl", joblib.dump),
    "joblib-zlib": ("model.pkl", lambda m, path: joblib.dump(m, path, compress=("zlib", 3))),
    "skops": ("model.skops", skops.io.dump),
    "skops-deflated": ("model.skops", lambda m, path: skops.io.dump(m, path, compression=zipfile.ZIP_DEFLATED)),
}


def main():
    folder, n_trees = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 250
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(ROWS, COLUMNS)).astype("f4"), rng.integers(CLASSES, size=ROWS)
    model = RandomForestClassifier(n_trees, random_state=0, max_features=1).fit(x, y)  # of noise: trees as large as can be
    for name, (file, write) in FORMS.items():
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        write(model, os.path.join(folder, name, file))
        with open(os.path.join(folder, name, "MLmodel"), "w", encoding="utf-8") as f:
            f.write(MLMODEL.format(file=file, form="skops" if "skops" in name else "pickle", version=sklearn.__version__))


if __name__ == "__main__":
    main()
