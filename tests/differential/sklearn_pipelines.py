#!/usr/bin/env python3
"""Trains random scikit-learn pipelines, saves them with MLflow, and asks MLflow and savor the same questions.

    sklearn_pipelines.py SAVOR [--n N] [--seed S] [--keep DIR] [--show]

By hand, in an environment that has MLflow, scikit-learn and pandas (their versions decide what is compared), and in a folder
where MLflow may write. A seed makes one pipeline and its bodies: `--seed S --n 1 --keep DIR` makes a single one again and
leaves the model and the bodies there. Exit code 1 when an answer differs.

MLflow's answer is that of its scoring server: `invocations` over the loaded model. An error is an error, whatever its words.
"""
import sys

import mlflow
import sklearn
from mlflow.models import infer_signature

import pipeline_parts as parts
from both_servers import MAJOR, NotMade, main

TOLERANCE = 1e-9


# ---- models ----

def save(rng, pipe, frame, path):
    """Write the pipeline; what was chosen, in words."""
    kinds = ["cloudpickle", "pickle"] + ["skops"] * (MAJOR >= 3)
    options = {"serialization_format": rng.choice(kinds), "pip_requirements": []}
    if rng.random() < 0.6:
        try:
            options["signature"] = infer_signature(frame)
        except Exception:
            pass
    if MAJOR >= 2 and hasattr(pipe, "predict_proba") and rng.random() < 0.3:
        options["pyfunc_predict_fn"] = "predict_proba"
    if options["serialization_format"] == "skops":
        import skops.io
        options["skops_trusted_types"] = skops.io.get_untrusted_types(data=skops.io.dumps(pipe))
    mlflow.sklearn.save_model(pipe, path, **options)
    return "%s%s" % (options["serialization_format"], " signature" * ("signature" in options))


def make(rng, path):
    """Train and save a pipeline: its frame, and a text about it. Many combinations are refused by the library itself."""
    frame = parts.make_frame(rng)
    pipe, is_regression = parts.make_pipeline(rng, frame)
    y = parts.make_target(rng, len(frame), is_regression)
    try:
        pipe.fit(frame, y)
        pipe = parts.finish(pipe, frame)
        words = save(rng, pipe, frame, path)
    except Exception as e:
        raise NotMade("%s: %s" % (type(e).__name__, e))
    return frame, "%s: %s" % (words, " ".join(repr(pipe).split()))


if __name__ == "__main__":
    sys.exit(main(make, TOLERANCE, "scikit-learn %s" % sklearn.__version__))
