"""Random scikit-learn estimators and data, from a numpy RandomState each. What does not fit together fails in fit()."""
import inspect

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401 (makes them known)
from sklearn.utils import all_estimators

KNOWN = dict(all_estimators())
REGRESSORS = dict(all_estimators(type_filter="regressor"))
CLASSIFIERS = dict(all_estimators(type_filter="classifier"))

# Parameters with their choices; a class takes those that it has.
COMMON = {
    "fit_intercept": [True, True, False], "positive": [False, False, True], "warm_start": [False, True],
    "class_weight": [None, None, "balanced"], "random_state": [0], "max_iter": [15, 100],
    "n_estimators": [1, 3, 8], "learning_rate": [0.1, 0.5, 1.0], "subsample": [1.0, 0.6],
    "max_depth": [None, 1, 2, 5], "min_samples_leaf": [1, 3], "min_samples_split": [2, 6], "max_features": [None, "sqrt", 0.7],
    "max_leaf_nodes": [None, 4, 9], "min_impurity_decrease": [0.0, 0.01], "ccp_alpha": [0.0, 0.02], "splitter": ["best", "random"],
    "min_weight_fraction_leaf": [0.0, 0.1], "oob_score": [False], "cv": [2], "n_jobs": [None],
}
OWN = {
    "LogisticRegression": {"penalty": ["l2", "l1", "elasticnet", None], "l1_ratio": [None, 0.5], "C": [0.1, 10],
                           "solver": ["lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"],
                           "multi_class": ["auto", "ovr", "multinomial"], "dual": [False, False, True],
                           "intercept_scaling": [1, 3]},
    "LogisticRegressionCV": {"Cs": [2], "solver": ["lbfgs", "liblinear"], "multi_class": ["auto", "ovr", "multinomial"],
                             "refit": [True, False]},
    "RidgeClassifier": {"alpha": [0.1, 1.0]},
    "RidgeClassifierCV": {"store_cv_values": [False, True], "alphas": [(0.1, 1.0)]},
    "SGDClassifier": {"loss": ["hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron", "squared_error", "huber"],
                      "average": [False, 5], "early_stopping": [False, True], "penalty": ["l2", "l1", "elasticnet", None],
                      "learning_rate": ["optimal"]},
    "SGDRegressor": {"average": [False, 5], "early_stopping": [False, True], "learning_rate": ["invscaling"]},
    "Perceptron": {"penalty": [None, "l2"], "early_stopping": [False, True]},
    "PassiveAggressiveClassifier": {"loss": ["hinge", "squared_hinge"], "average": [False, 3]},
    "PassiveAggressiveRegressor": {"average": [False, 3]},
    "LinearSVC": {"loss": ["hinge", "squared_hinge"], "multi_class": ["ovr", "crammer_singer"], "dual": [True, False]},
    "TweedieRegressor": {"power": [0, 1, 1.5, 2, 3], "link": ["auto", "identity", "log"]},
    "TransformedTargetRegressor": {"check_inverse": [False]},
    "DummyRegressor": {"strategy": ["mean", "median", "quantile", "constant"], "quantile": [0.3], "constant": [None, 2.5, 7]},
    "DummyClassifier": {"strategy": ["prior", "most_frequent", "constant", "stratified", "uniform"]},
    "GaussianNB": {"var_smoothing": [1e-9, 1e-2]},
    "BernoulliNB": {"alpha": [1.0, 0.0, 1e-3], "binarize": [0.0, None, 0.5], "fit_prior": [True, False]},
    "MultinomialNB": {"alpha": [1.0, 1e-3], "fit_prior": [True, False]},
    "ComplementNB": {"alpha": [1.0, 1e-3], "norm": [False, True], "fit_prior": [True, False]},
    "CategoricalNB": {"alpha": [1.0, 1e-3], "fit_prior": [True, False], "min_categories": [None, 9]},
    "KNeighborsClassifier": {"n_neighbors": [1, 3, 4], "weights": ["uniform", "distance"], "p": [1, 2, 3],
                             "algorithm": ["auto", "ball_tree", "kd_tree", "brute"], "leaf_size": [2, 30],
                             "metric": ["minkowski", "minkowski", "chebyshev", "cosine", "manhattan", "canberra",
                                        "braycurtis", "hamming", "sqeuclidean", "correlation", "nan_euclidean"]},
    "RadiusNeighborsClassifier": {"radius": [0.7, 3.0], "weights": ["uniform", "distance"], "outlier_label": [None, "most_frequent"],
                                  "algorithm": ["auto", "ball_tree", "kd_tree", "brute"], "p": [1, 2]},
    "NearestCentroid": {"metric": ["euclidean", "manhattan"], "shrink_threshold": [None, 0.3], "priors": ["uniform", "empirical"]},
    "LocalOutlierFactor": {"novelty": [True], "n_neighbors": [2, 5], "contamination": ["auto", 0.1]},
    "EllipticEnvelope": {"contamination": [0.1, 0.3]},
    "IsolationForest": {"contamination": ["auto", 0.1], "max_samples": ["auto", 0.5], "max_features": [1.0, 0.6],
                        "bootstrap": [False, True]},
    "DecisionTreeClassifier": {"criterion": ["gini", "entropy", "log_loss"]},
    "DecisionTreeRegressor": {"criterion": ["squared_error", "absolute_error", "friedman_mse", "poisson"]},
    "RandomForestClassifier": {"bootstrap": [True, False], "max_samples": [None, 0.5]},
    "RandomForestRegressor": {"bootstrap": [True, False], "criterion": ["squared_error", "poisson"]},
    "GradientBoostingClassifier": {"loss": ["log_loss", "exponential"], "n_iter_no_change": [None, 2], "init": [None, "zero"]},
    "GradientBoostingRegressor": {"loss": ["squared_error", "absolute_error", "huber", "quantile"], "init": [None, "zero"],
                                  "n_iter_no_change": [None, 2]},
    "HistGradientBoostingClassifier": {"max_iter": [1, 5], "max_bins": [255, 4], "early_stopping": ["auto", True],
                                       "min_samples_leaf": [1, 5, 20], "l2_regularization": [0.0, 1.0], "max_features": [1.0, 0.5]},
    "HistGradientBoostingRegressor": {"max_iter": [1, 5], "max_bins": [255, 4], "min_samples_leaf": [1, 5, 20],
                                      "loss": ["squared_error", "absolute_error", "poisson", "gamma", "quantile"],
                                      "quantile": [0.4], "max_features": [1.0, 0.5]},
    "AdaBoostClassifier": {"algorithm": ["SAMME", "SAMME.R"]},
    "AdaBoostRegressor": {"loss": ["linear", "square", "exponential"]},
    "BaggingClassifier": {"max_features": [1.0, 0.5, 2], "bootstrap": [True, False], "bootstrap_features": [False, True],
                          "max_samples": [1.0, 0.5]},
    "StackingClassifier": {"passthrough": [False, True], "stack_method": ["auto", "predict", "predict_proba"]},
    "StackingRegressor": {"passthrough": [False, True]},
    "VotingClassifier": {"voting": ["hard", "soft"]},
    "CalibratedClassifierCV": {"method": ["sigmoid", "isotonic", "temperature"], "ensemble": [True, False]},
    "OutputCodeClassifier": {"code_size": [1.5, 3]},
    "ClassifierChain": {"order": [None, "random"], "chain_method": ["predict", "predict_proba"], "cv": [None, 2]},
    "RegressorChain": {"order": [None, "random"], "cv": [None, 2]},
    "SelfTrainingClassifier": {"criterion": ["threshold", "k_best"], "threshold": [0.6]},
    "FixedThresholdClassifier": {"threshold": ["auto", 0.3], "response_method": ["auto", "predict_proba", "decision_function"]},
    "TunedThresholdClassifierCV": {"thresholds": [5], "refit": [True]},
    "MLPClassifier": {"hidden_layer_sizes": [(3,), (4, 2)], "activation": ["relu", "tanh", "logistic", "identity"],
                      "solver": ["lbfgs", "adam", "sgd"], "learning_rate": ["constant"], "early_stopping": [False, True]},
    "KMeans": {"n_clusters": [1, 3], "n_init": [1], "algorithm": ["lloyd", "elkan"]},
    "MiniBatchKMeans": {"n_clusters": [2, 3], "n_init": [1]}, "BisectingKMeans": {"n_clusters": [2, 4]},
    "Birch": {"n_clusters": [None, 2], "threshold": [0.5, 1.5]}, "MeanShift": {"cluster_all": [True, False], "bandwidth": [None, 1.0]},
    "GaussianMixture": {"n_components": [1, 3], "covariance_type": ["full", "tied", "diag", "spherical"]},
    "BayesianGaussianMixture": {"n_components": [1, 3], "covariance_type": ["full", "tied", "diag", "spherical"],
                                "weight_concentration_prior_type": ["dirichlet_process", "dirichlet_distribution"]},
    "RandomizedSearchCV": {"n_iter": [2]}, "RANSACRegressor": {"min_samples": [0.5]},
    "IsotonicRegression": {"out_of_bounds": ["nan", "clip", "raise"], "increasing": [True, False, "auto"], "y_min": [None, 0.0]},
}
for _other, _same in (("KNeighborsRegressor", "KNeighborsClassifier"), ("RadiusNeighborsRegressor", "RadiusNeighborsClassifier"),
                      ("ExtraTreesClassifier", "RandomForestClassifier"), ("ExtraTreesRegressor", "RandomForestRegressor"),
                      ("ExtraTreeClassifier", "DecisionTreeClassifier"), ("BaggingRegressor", "BaggingClassifier"),
                      ("MLPRegressor", "MLPClassifier"), ("QuantileRegressor", "TweedieRegressor")):
    OWN[_other] = dict(OWN[_same])
OWN["QuantileRegressor"] = {"solver": ["highs"], "alpha": [0.01]}
OWN["MLPRegressor"].pop("solver")

OWN.update({
    "IterativeImputer": {"estimator": [None, None, "simple"], "max_iter": [0, 1, 3], "n_nearest_features": [None, None, 1, 2],
                         "initial_strategy": ["mean", "median", "most_frequent", "constant"], "fill_value": [None, 1.5],
                         "imputation_order": ["ascending", "descending", "roman", "arabic", "random"],
                         "skip_complete": [False, True], "min_value": [-np.inf, -0.5], "max_value": [np.inf, 0.7],
                         "add_indicator": [False, True], "keep_empty_features": [False, False, True],
                         "missing_values": [np.nan, np.nan, np.nan, -1.0, 0]},
    "KernelPCA": {"kernel": ["linear", "poly", "rbf", "sigmoid", "cosine"], "n_components": [1, 2, 3, None], "gamma": [None, 0.3],
                  "degree": [2, 3], "coef0": [1, 0.5], "eigen_solver": ["auto", "dense"], "remove_zero_eig": [False, True]},
    "FactorAnalysis": {"n_components": [1, 2, None], "rotation": [None, "varimax"], "svd_method": ["lapack", "randomized"]},
    "LatentDirichletAllocation": {"n_components": [1, 2, 5, 10], "doc_topic_prior": [None, 0.3], "learning_method": ["batch", "online"],
                                  "max_iter": [3], "max_doc_update_iter": [100, 3], "mean_change_tol": [1e-3, 1e-5]},
    "RandomTreesEmbedding": {"n_estimators": [1, 4, 10], "max_depth": [1, 3, 5], "sparse_output": [True, False]},
    "BernoulliRBM": {"n_components": [1, 3, 20], "n_iter": [2]},
    "FeatureAgglomeration": {"n_clusters": [1, 2, 3], "pooling_func": [np.mean, np.max, np.min, np.median, np.sum]},
    "NeighborhoodComponentsAnalysis": {"n_components": [1, 2, None], "max_iter": [5]},
    "SparsePCA": {"n_components": [1, 2, None], "alpha": [0.1, 1], "ridge_alpha": [0.01, 1.0], "max_iter": [10]},
    "MiniBatchSparsePCA": {"n_components": [1, 2, None], "alpha": [0.1, 1], "ridge_alpha": [0.01, 1.0], "max_iter": [10]},
    "LabelPropagation": {"kernel": ["rbf", "knn"], "gamma": [20, 0.5], "n_neighbors": [3, 5], "max_iter": [20]},
    "LabelSpreading": {"kernel": ["rbf", "knn"], "gamma": [20, 0.5], "n_neighbors": [3, 5], "max_iter": [20], "alpha": [0.2, 0.6]},
    "DictionaryLearning": {"n_components": [2, 5, None], "max_iter": [5], "transform_algorithm": ["omp", "omp", "threshold"],
                           "transform_n_nonzero_coefs": [None, 1, 2, 3], "transform_alpha": [None, 0.2], "split_sign": [False, True]},
})
OWN["MiniBatchDictionaryLearning"] = dict(OWN["DictionaryLearning"])
OWN["SparseCoder"] = {**OWN["DictionaryLearning"], "n_components": [], "max_iter": []}

OWN.update({
    "GaussianRandomProjection": {"n_components": [1, 2, 5]}, "IncrementalPCA": {"n_components": [1, 2, None], "whiten": [False, True]},
    "GenericUnivariateSelect": {"mode": ["percentile", "k_best", "fpr", "fdr", "fwe"], "param": [0.5, 1]},
    "Isomap": {"n_neighbors": [3, 5], "n_components": [1, 2], "neighbors_algorithm": ["auto", "brute", "kd_tree", "ball_tree"], "p": [1, 2]},
    "LocallyLinearEmbedding": {"n_neighbors": [3, 5], "n_components": [1, 2], "reg": [1e-3, 0.1], "eigen_solver": ["dense"],
                               "neighbors_algorithm": ["auto", "brute", "kd_tree", "ball_tree"]},
    "SelectFdr": {"alpha": [0.9]}, "SelectFpr": {"alpha": [0.5]}, "SelectFwe": {"alpha": [0.9]}, "SelectPercentile": {"percentile": [30, 60]},
    "RFECV": {"step": [1, 0.5], "min_features_to_select": [1, 2]},
    "SequentialFeatureSelector": {"n_features_to_select": [1], "direction": ["forward", "backward"]},
})

TRANSFORMERS = ["BernoulliRBM", "DictionaryLearning", "FactorAnalysis", "FeatureAgglomeration", "GaussianRandomProjection",
                "GenericUnivariateSelect", "IncrementalPCA", "Isomap", "IterativeImputer", "KernelPCA",
                "LatentDirichletAllocation", "LocallyLinearEmbedding",
                "MiniBatchDictionaryLearning", "MiniBatchSparsePCA", "NeighborhoodComponentsAnalysis", "RandomTreesEmbedding",
                "SelectFdr", "SelectFpr", "SelectFwe", "SelectPercentile", "SequentialFeatureSelector", "SparseCoder", "SparsePCA"]
SUPERVISED = ("GenericUnivariateSelect", "NeighborhoodComponentsAnalysis", "SelectFdr", "SelectFpr", "SelectFwe", "SelectPercentile",
              "SequentialFeatureSelector")
POSITIVE = ("MultinomialNB", "ComplementNB", "CategoricalNB", "LatentDirichletAllocation")
GAPS = ("IterativeImputer",)
OTHERS = ["RFECV", "FrozenEstimator"]
OUTLIERS = ["IsolationForest", "LocalOutlierFactor", "EllipticEnvelope"]
CLUSTERERS = ["KMeans", "MiniBatchKMeans", "BisectingKMeans", "Birch", "MeanShift", "AffinityPropagation", "GaussianMixture",
              "BayesianGaussianMixture"]
LEFT_OUT = {"GaussianProcessClassifier", "GaussianProcessRegressor", "SVC", "NuSVC", "SVR",
            "NuSVR", "LinearDiscriminantAnalysis", "QuadraticDiscriminantAnalysis", "KernelRidge", "PLSCanonical",
            "PLSRegression", "CCA"}
SEARCHES = ["GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV"]
SIMPLE_C = ["LogisticRegression", "DecisionTreeClassifier", "GaussianNB", "RidgeClassifier", "KNeighborsClassifier", "SGDClassifier",
            "RandomForestClassifier", "DummyClassifier", "BernoulliNB", "Perceptron", "LinearSVC",
            "HistGradientBoostingClassifier", "MLPClassifier", "GradientBoostingClassifier"]
SIMPLE_R = ["LinearRegression", "DecisionTreeRegressor", "Ridge", "KNeighborsRegressor", "Lasso", "RandomForestRegressor",
            "DummyRegressor", "HistGradientBoostingRegressor", "SGDRegressor", "ExtraTreeRegressor", "GradientBoostingRegressor"]


def pick(r, items):
    return items[r.randint(len(items))]


def base_of(r, classifier, depth):
    if depth < 2 and r.rand() < 0.25:
        return nested(r, classifier, depth)
    return make(r, pick(r, SIMPLE_C if classifier else SIMPLE_R), depth + 1)


def nested(r, classifier, depth):
    """A pipeline or a search around a simple estimator."""
    from sklearn.feature_selection import SelectKBest, f_classif
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler
    steps = [SimpleImputer(), StandardScaler(), MinMaxScaler(), PolynomialFeatures(2), SelectKBest(f_classif, k=1), "passthrough"]
    if r.rand() < 0.6:
        return make_pipeline(pick(r, steps), pick(r, steps), base_of(r, classifier, depth + 1))
    return make(r, pick(r, SEARCHES), depth + 1, classifier)


def grid_of(r, estimator):
    """Some parameter of the innermost estimator, with two values."""
    for name, value in estimator.get_params().items():
        key = name.split("__")[-1]
        if key in ("alpha", "C", "max_depth", "n_neighbors", "var_smoothing", "l2_regularization") and value is not None:
            return {name: [value, value * 2]}
    return {"verbose": [0]} if hasattr(estimator, "verbose") else {}


def wrapper_arguments(r, name, cls, depth, classifier):
    """The estimators that a meta-estimator holds."""
    names = inspect.signature(cls).parameters
    out = {}
    if name in SEARCHES:
        inner = base_of(r, classifier, depth)
        out = {"estimator": inner, "error_score": "raise"}
        out["param_grid" if "param_grid" in names else "param_distributions"] = grid_of(r, inner)
    elif "estimators" in names:
        out["estimators"] = [(c, base_of(r, classifier, depth)) for c in "abc"[:1 + r.randint(3)]]
        if r.rand() < 0.15 and len(out["estimators"]) > 1:
            out["estimators"][0] = ("a", "drop")
        if "final_estimator" in names and r.rand() < 0.5:
            out["final_estimator"] = base_of(r, classifier, depth)
        if "weights" in names and r.rand() < 0.5:
            out["weights"] = [float(1 + r.randint(4)) for _ in out["estimators"]]
    elif name == "TransformedTargetRegressor":
        from sklearn.preprocessing import MinMaxScaler, StandardScaler
        out = {"regressor": pick(r, [None, base_of(r, False, depth)])}
        out.update(pick(r, [{}, {"func": np.log1p, "inverse_func": np.expm1}, {"transformer": StandardScaler()},
                            {"func": np.cbrt, "inverse_func": np.square}, {"transformer": MinMaxScaler()}]))
    elif name.startswith("GradientBoosting") and r.rand() < 0.2:
        out["init"] = base_of(r, classifier, 2)
    elif name == "IterativeImputer":
        if r.rand() < 0.5:
            out["estimator"] = pick(r, [None, make(r, pick(r, SIMPLE_R), 2)])
    elif name in ("RFECV", "SequentialFeatureSelector"):
        out["estimator"] = make(r, pick(r, ["LogisticRegression", "DecisionTreeClassifier", "RidgeClassifier"]), 2)
    else:
        key = "estimator" if "estimator" in names else "base_estimator" if "base_estimator" in names else None
        if key and (names[key].default is inspect.Parameter.empty or r.rand() < 0.6):
            out[key] = base_of(r, classifier, depth)
    return out


def make(r, name, depth=0, classifier=None):
    cls = KNOWN[name]  # FrozenEstimator is of 1.6 and later
    if name == "FrozenEstimator":
        return make(r, pick(r, SIMPLE_C), 1)
    classifier = name in CLASSIFIERS or name in OTHERS if classifier is None else classifier
    names = inspect.signature(cls).parameters
    arguments = wrapper_arguments(r, name, cls, depth, classifier)
    choices = {**COMMON, **OWN.get(name, {})}
    for key, values in choices.items():
        given = key in OWN.get(name, {}) or key in ("random_state", "cv")
        if key in names and key not in arguments and r.rand() < (1.0 if key in ("random_state", "cv", "novelty") else 0.7 if given else 0.3):
            value = pick(r, values)
            default = names[key].default
            if given or key != "learning_rate" or isinstance(default, float):
                arguments[key] = value
    if name == "SparseCoder":
        arguments["dictionary"] = None
    if arguments.get("estimator") == "simple":
        del arguments["estimator"]
    if "n_estimators" in names and "n_estimators" not in arguments:
        arguments["n_estimators"] = 4
    if name.startswith("HistGradient") and "max_iter" not in arguments:
        arguments["max_iter"] = 3
    if depth and "cv" in arguments and arguments["cv"] is None:
        del arguments["cv"]
    return cls(**arguments)


# ---- data ----

def column(r, n, positive):
    kind = r.randint(9)
    if kind == 0:
        return np.full(n, float(r.randint(3)))
    if kind <= 2:
        return r.randint(0 if positive else -4, 5, n).astype(float)
    if kind == 3:
        return (r.rand(n) < 0.5).astype(float)
    if kind == 4:
        return np.round(np.abs(r.randn(n)) if positive else r.randn(n), 1)
    out = r.randn(n) * 10.0 ** r.randint(-2, 3)
    return np.abs(out) if positive else out


def features(r, name):
    n, p = pick(r, [6, 20, 40, 80, 80, 150]), pick(r, [1, 2, 3, 4, 5, 8, 40])
    positive = name in POSITIVE or r.rand() < 0.1
    X = np.column_stack([column(r, n, positive) for _ in range(p)])
    if name == "CategoricalNB":
        X = np.minimum(np.floor(X), 6)
    if name == "IsotonicRegression":
        X = X[:, :1]
    whole = pick(r, ["f8", "f8", "f8", "f4", "i8", "i4", "?", "mixed"])
    if whole not in ("f8", "mixed"):
        X = X.astype(whole)
    elif ("Hist" in name or name in GAPS) and r.rand() < 0.7 or r.rand() < 0.1:
        X[r.rand(*X.shape) < 0.15] = np.nan
        if name in GAPS and r.rand() < 0.2:
            X[:, r.randint(X.shape[1])] = np.nan
    if r.rand() < 0.55:
        names = [pick(r, ["f%d", "c %d", "x%d"]) % i for i in range(X.shape[1])] if r.rand() < 0.8 else list(range(X.shape[1]))
        X = pd.DataFrame(X, columns=names)
        if whole == "mixed":
            for c in list(X.columns):
                to = pick(r, ["f4", "i8", "i4", "?", "f8"])
                if not X[c].isna().any():
                    X[c] = X[c].astype(to)
    return X


def labels_of(r, codes, n_classes):
    kind = pick(r, ["int", "neg", "float", "bool", "str", "object", "short", "i4", "u1", "zeroone"])
    names = {"int": [3, 1, 7, 10], "neg": [-1, 1, 0, -5], "float": [1.0, 2.0, -3.0, 4.0], "str": ["yes", "no", "maybe", "é"],
             "short": ["a", "bb", "c", "dd"], "bool": [False, True], "zeroone": [0, 1, 2, 3], "i4": [2, 5, 9, 12], "u1": [1, 0, 5, 3]}
    if kind == "object":
        return np.array(["x", "long name", "y", "z"], dtype=object)[codes]
    if kind == "bool" and n_classes > 2:
        kind = "int"
    out = np.array(names[kind])
    return (out.astype(np.int32) if kind == "i4" else out.astype(np.uint8) if kind == "u1" else out)[codes]


def target(r, name, X, classifier):
    n = len(X)
    base = np.nan_to_num(np.asarray(X, float))
    signal = base @ r.randn(base.shape[1]) / (1e-9 + np.abs(base).max()) + 0.3 * r.randn(n)
    several = name in ("MultiOutputClassifier", "MultiOutputRegressor", "ClassifierChain", "RegressorChain") or \
        name.startswith("MultiTask") or r.rand() < 0.12
    if not classifier:
        y = np.column_stack([signal, -signal, signal + r.randn(n)])[:, :1 + r.randint(3)] if several else signal
        y = pick(r, [y, y, y * 100, np.round(y * 5), np.abs(y) + 0.1, np.round(np.abs(y) * 5).astype(int), y.astype(np.float32)])
        return y.reshape(n, -1) if r.rand() < 0.08 else y
    n_classes = pick(r, [2, 2, 2, 3, 3, 4, 1])
    codes = np.digitize(signal, np.quantile(signal, np.linspace(0, 1, n_classes + 1)[1:-1])) if n_classes > 1 else np.zeros(n, int)
    if not several:
        y = labels_of(r, codes, n_classes)
        return y.reshape(n, 1) if r.rand() < 0.06 else y
    other = r.randint(0, 2, n)
    if r.rand() < 0.5:
        return np.column_stack([codes > 0, other, codes == 0])[:, :1 + r.randint(3)].astype(int)
    if r.rand() < 0.5:
        return labels_of(r, np.column_stack([codes, np.roll(codes, 1)]), n_classes)
    return np.column_stack([codes * 2, other])


def window(model, X):
    """A pipeline whose answer is what the transformer gives, since MLflow serves no model without predict()."""
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import Pipeline
    given = X.head(3) if isinstance(X, pd.DataFrame) else X[:3]
    pane = LinearRegression()
    pane.n_features_in_ = model.transform(given).shape[1]
    pane.coef_, pane.intercept_ = np.eye(pane.n_features_in_), np.zeros(pane.n_features_in_)
    return Pipeline([("transformer", model), ("window", pane)])


def fitted(r, name):
    """(estimator, X it was fitted with); raises when the draw does not fit together."""
    import scipy.sparse
    model = make(r, name)
    classifier = name in CLASSIFIERS or name in OTHERS or (name in SEARCHES and hasattr(model.estimator, "classes_") or
                                         name in SEARCHES and getattr(model.estimator, "_estimator_type", "") == "classifier")
    if name in SEARCHES:
        from sklearn.base import is_classifier
        classifier = is_classifier(model.estimator)
    X = features(r, name)
    given = X
    arguments = {}
    if isinstance(X, np.ndarray) and r.rand() < 0.07:
        given = scipy.sparse.csr_matrix(X)
    if r.rand() < 0.2 and "sample_weight" in inspect.signature(model.fit).parameters:
        arguments["sample_weight"] = r.randint(1, 4, len(X)).astype(float)
    if name in TRANSFORMERS:
        if name == "SparseCoder":
            model.dictionary = r.randn(pick(r, [3, 7]), X.shape[1])
            model.dictionary /= np.linalg.norm(model.dictionary, axis=1, keepdims=True)
        y = target(r, name, X, True) if name in SUPERVISED else None
        model = window(model.fit(given, y), X)
    elif name in CLUSTERERS + OUTLIERS:
        model.fit(given)
    else:
        y = target(r, name, X, classifier)
        if name in ("SelfTrainingClassifier", "LabelPropagation", "LabelSpreading") and y.dtype.kind == "i" and y.ndim == 1:
            y = np.where(r.rand(len(y)) < 0.3, -1, y)
        if isinstance(X, pd.DataFrame) and y.ndim == 1 and r.rand() < 0.3:
            y = pd.Series(y)
        model.fit(given, y, **arguments)
    if name == "FrozenEstimator":
        model = KNOWN[name](model)
    assert isinstance(model, BaseEstimator)
    return model, X
