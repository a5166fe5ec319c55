"""Random frames and boosted trees of XGBoost, LightGBM and CatBoost. What does not fit together fails when it is trained."""
import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost


# ---- data ----

def column(rng, n):
    kind = rng.choice(["normal"] * 5 + ["float32", "int", "int", "small", "bool", "missing", "missing", "zeros", "large"])
    x = np.random.randn(n)
    if kind == "float32":
        return x.astype(np.float32)
    if kind in ("int", "small"):
        return np.random.randint(-3 if kind == "int" else 0, 9 if kind == "int" else 3, n)
    if kind == "bool":
        return x > 0
    if kind == "missing":
        x[np.random.rand(n) < 0.3] = np.nan
    if kind == "zeros":
        x[np.random.rand(n) < 0.5] = 0
    return x * 1e6 if kind == "large" else x


def name(rng, i):
    return rng.choice(["c%d", "c%d", "c%d", "%d", "a b %d", "größe %d", "f.%d", "x-%d"]) % i


def frame(rng, n=80):
    n_columns = rng.choice([1, 2, 3, 5, 8])
    plain = rng.random() < 0.5
    return pd.DataFrame({name(rng, i) if not plain else "c%d" % i: column(rng, n) for i in range(n_columns)})


def signal(rng, x):
    """What there is to learn: a number for each row."""
    values = x.apply(lambda c: pd.Categorical(c).codes if c.dtype.kind not in "fiub" else c).to_numpy(float)
    values = np.nan_to_num(values)
    values = (values - values.mean(0)) / (values.std(0) + 1e-9)
    return values @ np.random.randn(values.shape[1]) + 0.3 * np.random.randn(len(values))


def classes(rng, z, n_classes):
    return np.digitize(z, np.quantile(z, np.arange(1, n_classes) / n_classes))


def labels(rng, codes, words=True):
    """Codes 0..n-1 as labels of one type."""
    kind = rng.choice(["codes", "codes", "int32", "gaps", "bool", "text"] if words else ["codes"])
    if kind == "bool" and codes.max() <= 1:
        return codes.astype(bool)
    if kind == "text":
        return np.array(["no", "yes", "perhaps", "größe", "e"], dtype=rng.choice([object, "U7"]))[codes]
    if kind == "gaps":
        return np.array([-1, 2, 5, 7, 11])[codes]
    return codes.astype(np.int32) if kind == "int32" else codes


def pick(rng, **choices):
    """A choice for some of the names."""
    return {k: rng.choice(v) for k, v in choices.items() if rng.random() < 0.5}


# ---- XGBoost ----

REGRESSIONS = ["reg:squarederror", "reg:squarederror", "reg:pseudohubererror", "reg:absoluteerror", "reg:quantileerror"]
POSITIVE = ["reg:squaredlogerror", "reg:gamma", "reg:tweedie", "count:poisson", "survival:cox"]
BINARY = ["binary:logistic", "binary:logitraw", "binary:hinge", "reg:logistic"]


def xgboost_target(rng, objective, x, params):
    z = signal(rng, x)
    if objective == "survival:aft":
        return None, {"label_lower_bound": np.exp(z), "label_upper_bound": np.exp(z + np.random.rand(len(z)))}
    if objective.startswith("multi:"):
        params["num_class"] = rng.choice([2, 3, 5])
        return classes(rng, z, params["num_class"]), {}
    if objective.startswith("rank:"):
        return classes(rng, z, 3), {"group": [len(z) // 4] * 4}
    if objective in BINARY:
        return (z > 0).astype(int), {}
    if objective == "reg:quantileerror":
        params["quantile_alpha"] = rng.choice([0.3, [0.2, 0.8], [0.1, 0.5, 0.9]])
    if objective in POSITIVE:
        return np.round(np.exp(z / 2)) + 1 if objective == "count:poisson" else np.exp(z / 2), {}
    if rng.random() < 0.25 and objective != "reg:quantileerror":
        return np.column_stack([z, -z + np.random.rand(len(z)), z * z]), {}
    return z, {}


def xgboost_params(rng):
    params = {"seed": 0, "nthread": 1, "verbosity": 0}
    params.update(pick(rng, booster=["gbtree", "gbtree", "dart", "gblinear"], tree_method=["exact", "hist", "approx"],
                       max_depth=[0, 1, 2, 4, 7], grow_policy=["depthwise", "lossguide"], max_leaves=[0, 3, 7],
                       num_parallel_tree=[1, 2, 4], base_score=[0.5, 0.2, 0.7, 0.0], subsample=[0.6], eta=[0.05, 0.3, 1.0],
                       colsample_bytree=[0.5], rate_drop=[0.3], normalize_type=["tree", "forest"], max_bin=[3, 256],
                       multi_strategy=["one_output_per_tree", "multi_output_tree"], max_delta_step=[0, 0.5], gamma=[0, 0.5],
                       scale_pos_weight=[2.0], tweedie_variance_power=[1.2, 1.8], huber_slope=[2.0]))
    return params


def xgboost_booster(rng, x):
    objective = rng.choice([*REGRESSIONS, *POSITIVE, *BINARY, *BINARY, "multi:softprob", "multi:softmax", "multi:softprob",
                            "survival:aft", "rank:pairwise", "rank:ndcg", "rank:map"])
    params = {**xgboost_params(rng), "objective": objective}
    y, more = xgboost_target(rng, objective, x, params)
    group = more.pop("group", None)
    missing = rng.choice([np.nan, np.nan, np.nan, 0.0])
    named = rng.random() < 0.8
    d = xgboost.DMatrix(x if named else x.to_numpy(np.float64), label=y, missing=missing, **more)
    if group:
        d.set_group(group)
    options = {"evals": [(d, "train")], "early_stopping_rounds": 1, "verbose_eval": False} if rng.random() < 0.2 else {}
    model = xgboost.train(params, d, num_boost_round=rng.choice([1, 2, 5, 12]), **options)
    return model, "xgboost", params


def xgboost_estimator(rng, x):
    cls = rng.choice([xgboost.XGBRegressor, xgboost.XGBClassifier, xgboost.XGBClassifier, xgboost.XGBRFRegressor,
                      xgboost.XGBRFClassifier, xgboost.XGBRanker])
    params = {k: v for k, v in xgboost_params(rng).items() if k not in ("seed", "nthread")}
    params.update(n_estimators=rng.choice([1, 3, 8]), n_jobs=1, random_state=0, **pick(rng, missing=[np.nan, np.nan, -1.0, 0.0]))
    z = signal(rng, x)
    fit = {}
    if cls in (xgboost.XGBClassifier, xgboost.XGBRFClassifier):
        y = classes(rng, z, rng.choice([2, 2, 3, 5]))
        params.update(pick(rng, objective=["binary:logistic", "multi:softprob", "multi:softmax", "binary:hinge", "binary:logitraw"]))
        if rng.random() < 0.15:
            y = np.column_stack([z > 0, z > 1, z < 0.5]).astype(int)
    elif cls is xgboost.XGBRanker:
        y, fit = classes(rng, z, 3), {"qid": np.repeat(np.arange(4), len(z) // 4)}
    else:
        params.update(pick(rng, objective=REGRESSIONS[:-1] + ["reg:tweedie", "reg:gamma", "reg:logistic"]))
        y = 1 / (1 + np.exp(-z)) if params.get("objective") in ("reg:tweedie", "reg:gamma", "reg:logistic") else z
    if cls in (xgboost.XGBRegressor, xgboost.XGBClassifier) and rng.random() < 0.25:
        params["early_stopping_rounds"] = 1
        fit = {"eval_set": [(x.head(30), y[:30])], "verbose": False}
    model = cls(**params)
    return model.fit(x if rng.random() < 0.85 else x.to_numpy(), y, **fit), "xgboost", {cls.__name__: params}


# ---- LightGBM ----

def lightgbm_params(rng):
    params = {"seed": 0, "num_threads": 1, "verbose": -1, "min_data_in_leaf": rng.choice([1, 3, 10]), "min_data_per_group": 1}
    params.update(pick(rng, boosting=["gbdt", "gbdt", "dart", "rf", "goss"], max_depth=[-1, 1, 3], num_leaves=[2, 4, 15],
                       learning_rate=[0.05, 0.3, 1.0], use_missing=[True, False], zero_as_missing=[True, False],
                       linear_tree=[True, False], extra_trees=[True], max_bin=[3, 255], boost_from_average=[True, False],
                       sigmoid=[0.7, 2.0], alpha=[0.3, 0.9], drop_rate=[0.3], xgboost_dart_mode=[True, False],
                       lambda_l2=[0.0, 1.0], tweedie_variance_power=[1.2, 1.8], reg_sqrt=[True, False], is_unbalance=[True],
                       max_cat_to_onehot=[1, 4], path_smooth=[0.0, 1.0], num_grad_quant_bins=[4], cat_smooth=[1.0, 10.0]))
    if params.get("boosting") == "rf":
        params.update(bagging_freq=1, bagging_fraction=0.6)
    return params


def with_categories(rng, x):
    """Some columns as pandas's category, of text or numbers."""
    x = x.copy()
    for c in x.columns:
        if rng.random() < 0.3 and x[c].dtype.kind in "iu":
            kind = rng.choice(["text", "number", "codes"])
            if kind != "codes":
                x[c] = (x[c].map(lambda v: "v%d" % v) if kind == "text" else x[c]).astype("category")
    return x


def lightgbm_booster(rng, x):
    objective = rng.choice(["regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie",
                            "binary", "binary", "multiclass", "multiclass", "multiclassova", "cross_entropy",
                            "cross_entropy_lambda", "lambdarank", "rank_xendcg"])
    params = {**lightgbm_params(rng), "objective": objective}
    x = with_categories(rng, x)
    z, group = signal(rng, x), None
    if objective.startswith("multiclass"):
        params["num_class"] = rng.choice([2, 3, 5])
        y = classes(rng, z, params["num_class"])
    elif objective in ("lambdarank", "rank_xendcg"):
        y, group = classes(rng, z, 3), [len(z) // 4] * 4
    elif objective == "binary":
        y = (z > 0).astype(int)
    elif objective.startswith("cross"):
        y = 1 / (1 + np.exp(-z))
    else:
        y = np.exp(z / 2) if objective in ("poisson", "gamma", "tweedie") else z
    categorical = "auto"
    if rng.random() < 0.3:
        categorical = [c for c in x.columns if x[c].dtype.kind in "iu"] or "auto"
    d = lightgbm.Dataset(x if rng.random() < 0.85 or x.dtypes.map(str).eq("category").any() else x.to_numpy(np.float64), y,
                         group=group, categorical_feature=categorical, params=params)
    model = lightgbm.train(params, d, num_boost_round=rng.choice([1, 2, 5, 12]))
    if rng.random() < 0.2:
        model.best_iteration = rng.randint(1, 3)
    return model, "lightgbm", params


def lightgbm_estimator(rng, x):
    cls = rng.choice([lightgbm.LGBMRegressor, lightgbm.LGBMClassifier, lightgbm.LGBMClassifier, lightgbm.LGBMRanker])
    rename = {"boosting": "boosting_type", "num_threads": "n_jobs", "seed": "random_state"}
    params = {rename.get(k, k): v for k, v in lightgbm_params(rng).items()}
    params["n_estimators"] = rng.choice([1, 3, 8])
    x = with_categories(rng, x)
    z, fit = signal(rng, x), {}
    if cls is lightgbm.LGBMClassifier:
        y = labels(rng, classes(rng, z, rng.choice([2, 2, 3, 5])))
        params.update(pick(rng, objective=["multiclassova", "cross_entropy", "binary", "multiclass"]) if rng.random() < 0.3 else {})
    elif cls is lightgbm.LGBMRanker:
        y, fit = classes(rng, z, 3), {"group": [len(z) // 4] * 4}
    else:
        params.update(pick(rng, objective=["regression_l1", "huber", "poisson", "quantile", "gamma", "tweedie", "mape"]))
        y = np.exp(z / 2)
    return cls(**params).fit(x, y, **fit), "lightgbm", {cls.__name__: params}


# ---- CatBoost ----

def catboost_params(rng):
    params = {"iterations": rng.choice([1, 2, 5, 12]), "random_seed": 0, "thread_count": 1, "verbose": False,
              "allow_writing_files": False}
    params.update(pick(rng, depth=[1, 2, 4, 6], learning_rate=[0.1, 0.5, 1.0], nan_mode=["Min", "Max"], border_count=[4, 32],
                       grow_policy=["SymmetricTree", "Depthwise", "Lossguide"], one_hot_max_size=[2, 4, 10],
                       boosting_type=["Plain", "Ordered"], l2_leaf_reg=[1.0], boost_from_average=[True, False],
                       max_ctr_complexity=[1, 2, 4], bootstrap_type=["No", "Bayesian", "Bernoulli"], model_size_reg=[0.0],
                       simple_ctr=["Borders", "Buckets", "BinarizedTargetMeanValue", "Counter"], score_function=["L2"],
                       counter_calc_method=["SkipTest", "Full"], combinations_ctr=["Borders", "Counter"]))
    return params


def with_words(rng, x):
    """Some columns as what CatBoost takes for categories: text or integers. (frame, their names)"""
    x, words = x.copy(), []
    for c in x.columns:
        if x[c].dtype.kind in "iu" and rng.random() < 0.6:
            if rng.random() < 0.6:
                x[c] = x[c].map(lambda v: "v%d" % v)
            words.append(c)
    return x, words


def catboost_model(rng, x):
    cls = rng.choice([catboost.CatBoostRegressor, catboost.CatBoostClassifier, catboost.CatBoostClassifier, catboost.CatBoost,
                      catboost.CatBoostRanker])
    params = catboost_params(rng)
    x, words = with_words(rng, x)
    z, fit = signal(rng, x), {}
    if cls is catboost.CatBoostClassifier:
        y = labels(rng, classes(rng, z, rng.choice([2, 2, 3, 5])))
        params.update(pick(rng, loss_function=["MultiClassOneVsAll", "MultiClass", "Logloss", "CrossEntropy"]))
    elif cls is catboost.CatBoostRanker:
        y, fit = classes(rng, z, 3), {"group_id": np.repeat(np.arange(4), len(z) // 4)}
        params["loss_function"] = rng.choice(["YetiRank", "QueryRMSE", "PairLogit"])
    elif cls is catboost.CatBoost:
        params["loss_function"] = rng.choice(["Logloss", "RMSE", "MultiClass", "CrossEntropy"])
        y = {"Logloss": (z > 0).astype(int), "MultiClass": classes(rng, z, 3),
             "CrossEntropy": 1 / (1 + np.exp(-z))}.get(params["loss_function"], z)
    else:
        params.update(pick(rng, loss_function=["MAE", "Quantile:alpha=0.3", "Poisson", "Tweedie:variance_power=1.5", "MAPE",
                                               "LogCosh", "Huber:delta=1", "Expectile:alpha=0.3", "RMSEWithUncertainty",
                                               "MultiQuantile:alpha=0.2,0.5,0.8", "MultiRMSE"]))
        y = np.column_stack([z, -z]) if params.get("loss_function") == "MultiRMSE" else np.exp(z / 2)
    model = cls(params) if cls is catboost.CatBoost else cls(**params)
    return model.fit(x, y, cat_features=words or None, **fit), "catboost", {cls.__name__: params}, x


MAKERS = {"xgboost": [xgboost_booster, xgboost_estimator], "lightgbm": [lightgbm_booster, lightgbm_estimator],
          "catboost": [catboost_model]}
