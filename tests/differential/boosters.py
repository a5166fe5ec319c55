#!/usr/bin/env python3
"""Trains random boosted trees, saves them with MLflow, and asks MLflow and savor the same questions.

    boosters.py SAVOR [--n N] [--seed S] [--keep DIR] [--show]

By hand, in an environment that has MLflow and the three libraries (their versions decide what is compared);
BOOSTERS_ONLY=xgboost, lightgbm or catboost leaves out the others. A seed makes
one model and its bodies: `--seed S --n 1 --keep DIR` makes a single one again and leaves the model and the bodies there.
Exit code 1 when an answer differs; every bit counts.
"""
import inspect
import os
import sys

import catboost
import lightgbm
import mlflow
import mlflow.catboost
import mlflow.lightgbm
import mlflow.sklearn
import mlflow.xgboost
import xgboost
from mlflow.models import infer_signature
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import booster_recipes as recipes
from both_servers import NotMade, main

FORMATS = {"xgboost": ["json", "ubj", "xgb"], "lightgbm": [None], "catboost": ["cbm", "json"]}


def save(rng, model, flavor, x, path):
    """Write the model; what was chosen, in words."""
    module = getattr(mlflow, flavor)
    known = inspect.signature(module.save_model).parameters
    options = {"pip_requirements": []}
    if rng.random() < 0.6:
        options["signature"] = infer_signature(x)
    form = rng.choice(FORMATS[flavor])
    for name in ("model_format", "format"):
        if form and name in known:
            options[name] = form
    module.save_model(model, path, **options)
    return "%s%s" % (form or "", " signature" * ("signature" in options))


def save_in_pipeline(rng, model, x, path):
    """What many do: an estimator of these libraries as the last step of a pipeline, saved as scikit-learn's."""
    steps = [[], [StandardScaler()], [SimpleImputer()], [SimpleImputer(), StandardScaler()]]
    pipe = make_pipeline(*rng.choice(steps), model)
    y = recipes.classes(rng, recipes.signal(rng, x), 2)
    pipe.fit(x, y)
    mlflow.sklearn.save_model(pipe, path, pip_requirements=[], serialization_format=rng.choice(["pickle", "cloudpickle"]),
                              signature=infer_signature(x) if rng.random() < 0.5 else None)
    return "in a pipeline"


def make(rng, path):
    only = os.environ.get("BOOSTERS_ONLY") or rng.choice(list(recipes.MAKERS))
    x = recipes.frame(rng)
    try:
        model, flavor, params, *frame = rng.choice(recipes.MAKERS[only])(rng, x)
        x = frame[0] if frame else x
        can_fit = hasattr(model, "get_params") and hasattr(model, "fit") and not hasattr(model, "rank") and flavor != "catboost"
        if can_fit and "Ranker" not in type(model).__name__ and rng.random() < 0.2:
            words = save_in_pipeline(rng, model, x, path)
        else:
            words = save(rng, model, flavor, x, path)
    except Exception as e:
        raise NotMade("%s: %s" % (type(e).__name__, e))
    return x, "%s %s %s" % (flavor, words, params)


if __name__ == "__main__":
    sys.exit(main(make, 0, "XGBoost %s, LightGBM %s, CatBoost %s" % (
        xgboost.__version__, lightgbm.__version__, catboost.__version__)))
