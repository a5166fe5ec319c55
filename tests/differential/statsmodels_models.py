#!/usr/bin/env python3
"""Fits random statsmodels models, saves them with MLflow, and asks MLflow and savor the same questions.

    statsmodels_models.py SAVOR [--n N] [--seed S] [--keep DIR] [--show]

By hand, in an environment that has MLflow and statsmodels. Options and exit code are those of boosters.py.
"""
import inspect
import sys

import mlflow.statsmodels
import numpy as np
import statsmodels
import statsmodels.api as sm
from mlflow.models import infer_signature
from statsmodels.discrete import discrete_model as discrete
from statsmodels.genmod import families

import booster_recipes as recipes
from both_servers import NotMade, main

TOLERANCE = 1e-12


def link(rng, family):
    known = [x for x in vars(families.links).values() if inspect.isclass(x) and issubclass(x, families.links.Link)]
    return family(rng.choice(known)()) if rng.random() < 0.6 else family()


def glm(rng, z, x, options):
    family = rng.choice([families.Gaussian, families.Poisson, families.Gamma, families.Binomial, families.InverseGaussian,
                         families.NegativeBinomial, families.Tweedie])
    y = {"Gaussian": z, "Poisson": np.round(np.exp(z / 2)), "Binomial": z > 0,
         "NegativeBinomial": np.round(np.exp(z / 2))}.get(family.__name__, np.exp(z / 3))
    return sm.GLM(y, x, family=link(rng, family), **options)


def gee(rng, z, x, options):
    return sm.GEE(np.round(np.exp(z / 2)), x, groups=np.repeat(np.arange(len(z) // 4), 4), family=link(rng, families.Poisson))


def linear(cls):
    return lambda rng, z, x, options: cls(z, x)


def counts(cls):
    return lambda rng, z, x, options: cls(np.round(np.exp(z / 2)), x, **options)


MODELS = [linear(c) for c in (sm.OLS, sm.GLS, sm.GLSAR, sm.QuantReg, sm.RLM)] + \
    [counts(c) for c in (sm.Poisson, discrete.NegativeBinomial, discrete.NegativeBinomialP, discrete.GeneralizedPoisson)] + \
    [lambda rng, z, x, options: sm.WLS(z, x, weights=np.random.rand(len(z)) + 0.1),
     lambda rng, z, x, options: rng.choice([sm.Logit, sm.Probit])((z > 0).astype(int), x),
     lambda rng, z, x, options: sm.MNLogit(recipes.classes(rng, z, rng.choice([2, 3, 4])), x), gee, glm, glm, glm]


def fit(rng, model):
    how = rng.choice(["fit"] * 5 + ["fit_regularized"])
    options = {"disp": 0} if "disp" in inspect.signature(getattr(model, how)).parameters else {}
    if rng.random() < 0.2 and how == "fit" and "cov_type" in inspect.signature(model.fit).parameters:
        options["cov_type"] = "HC0"
    return how, getattr(model, how)(**options)


def make(rng, path):
    x = recipes.frame(rng, 60)
    x = x.fillna(0).astype({c: float for c in x.columns if x[c].dtype == bool or rng.random() < 0.8})
    x = sm.add_constant(x, prepend=rng.random() < 0.5) if rng.random() < 0.6 else x
    exog = x if rng.random() < 0.8 else x.to_numpy(float)
    options = rng.choice([{}, {}, {"offset": np.random.rand(60)}, {"exposure": np.random.rand(60) + 1}])
    try:
        model = rng.choice(MODELS)(rng, recipes.signal(rng, x), exog, options)
        how, results = fit(rng, model)
        signature = infer_signature(x) if rng.random() < 0.5 else None
        mlflow.statsmodels.save_model(results, path, pip_requirements=[], remove_data=rng.random() < 0.3, signature=signature)
    except Exception as e:
        raise NotMade("%s: %s" % (type(e).__name__, e))
    family = getattr(model, "family", None)
    about = [type(model).__name__, how, list(options), type(exog).__name__, family and (type(family).__name__, type(family.link).__name__)]
    return x, "%s%s" % (about, " signature" * bool(signature))


if __name__ == "__main__":
    sys.exit(main(make, TOLERANCE, "statsmodels %s" % statsmodels.__version__))
