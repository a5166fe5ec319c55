"""Make the models, rows and predictions of this folder with LightGBM itself: make.py OUT_FOLDER SUFFIX

NAME-SUFFIX.lgb   a small model as Booster.save_model writes it
NAME-SUFFIX.rows  rows of doubles, row-major: thresholds and their neighbours, NaN, infinities, zeros, categories
NAME-SUFFIX.want  what Booster.predict answered, doubles
"""
import sys

import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(11)
TINY = np.float64(np.float32(1e-35))
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, TINY, -TINY, np.nextafter(TINY, 1), 1e-36, -1e-300, -1, -0.5,
                    0.5, 1, 2, 31, 32, 33, 63, 64, 3e9, 2147483647.0, 2147483648.0, -2147483648.5, 1e18, 1e300])


def table(n, p, n_categories):
    x = rng.normal(size=(n, p)) * [10.0 ** (i % 4 - 1) for i in range(p)]
    for j in range(n_categories):
        x[:, j] = rng.integers(0, [5, 40, 1000][j % 3], size=n)
    score = np.nan_to_num(x) @ rng.normal(size=p) + x[:, 0] % 3
    x[rng.random((n, p)) < 0.1] = np.nan
    x[rng.random((n, p)) < 0.1] = 0
    return x, (score - score.mean()) / score.std()


def hard_rows(booster, n):
    p = booster.num_feature()
    thresholds = [[0.0] for _ in range(p)]

    def walk(node):
        if "split_feature" in node:
            for text in str(node["threshold"]).split("||"):
                thresholds[node["split_feature"]].append(float(text))
            walk(node["left_child"])
            walk(node["right_child"])

    for tree in booster.dump_model()["tree_info"]:
        walk(tree["tree_structure"])
    x = rng.normal(size=(n, p)) * rng.choice([0.1, 1, 10, 100], size=(n, p))
    for j in range(p):
        pick, kind = rng.choice(thresholds[j], size=n), rng.integers(0, 7, size=n)
        choices = [pick, np.nextafter(pick, np.inf), np.nextafter(pick, -np.inf), rng.choice(SPECIAL, size=n),
                   rng.integers(0, 40, size=n).astype(float)]
        for k, values in enumerate(choices):
            x[:, j] = np.where(kind == k, values, x[:, j])
    return np.ascontiguousarray(x)


def make(name, label="real", n_categories=0, groups=False, **params):
    x, score = table(400, 4, n_categories)
    y = {"real": score, "positive": np.exp(score) + 0.01, "binary": (score > 0) * 1.0, "share": 1 / (1 + np.exp(-score)),
         "class": np.digitize(score, [-0.5, 0.5]) * 1.0, "rank": np.clip(np.round(score + 2), 0, 4)}[label]
    params = dict(verbose=-1, num_threads=1, num_leaves=6, min_data_in_leaf=5, seed=3, deterministic=True, **params)
    data = lgb.Dataset(x, y, categorical_feature=list(range(n_categories)) or "auto", params=params)
    if groups:
        data.set_group([20] * 20)
    path = f"{sys.argv[1]}/{name}-{sys.argv[2]}"
    lgb.train(params, data, 4).save_model(path + ".lgb")
    booster = lgb.Booster(model_file=path + ".lgb")
    rows = hard_rows(booster, 48)
    rows.tofile(path + ".rows")
    np.asarray(booster.predict(rows), dtype=np.float64).tofile(path + ".want")


make("l1-sqrt", "positive", objective="regression_l1", reg_sqrt=True)
make("poisson", "positive", objective="poisson")
make("binary", "binary", objective="binary", sigmoid=1.37)
make("ova", "class", objective="multiclassova", num_class=3, sigmoid=0.37)
make("softmax", "class", n_categories=2, objective="multiclass", num_class=3, boosting="dart")
make("cross-entropy-lambda", "share", objective="cross_entropy_lambda")
make("rank", "rank", groups=True, objective="lambdarank")
make("forest", "binary", objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.7)
make("linear", objective="regression", linear_tree=True)
make("zero", n_categories=1, objective="regression", zero_as_missing=True)
make("no-missing", objective="regression", use_missing=False)
make("sets", n_categories=3, objective="huber", max_cat_to_onehot=1, min_data_per_group=5, cat_smooth=1)
