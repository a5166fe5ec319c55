/* families.h: the rows of each file of this room; families.c lists them all. */
#ifndef SV_SKLEARN_FAMILIES_H
#define SV_SKLEARN_FAMILIES_H

#include "sklearn/estimator.h"

/** Every family that needs no other library; NULL-terminated. */
extern const sv_estimator_class *const sv_sklearn_families[];

extern const sv_estimator_class sv_ada_boosts[];             /* ada_boost.c */
extern const sv_estimator_class sv_baggings[];               /* bagging.c */
extern const sv_estimator_class sv_bernoulli_rbms[];         /* bernoulli_rbm.c */
extern const sv_estimator_class sv_calibrations[];           /* calibration.c */
extern const sv_estimator_class sv_clusters[];               /* cluster.c */
extern const sv_estimator_class sv_column_transformers[];    /* column_transformer.c */
extern const sv_estimator_class sv_committees[];             /* voting.c */
extern const sv_estimator_class sv_cross_decompositions[];   /* cross_decomposition.c */
extern const sv_estimator_class sv_delegates[];              /* delegate.c */
extern const sv_estimator_class sv_discretizers[];           /* discretizer.c */
extern const sv_estimator_class sv_discriminants[];          /* discriminant.c */
extern const sv_estimator_class sv_dummies[];                /* dummy.c */
extern const sv_estimator_class sv_elliptic_envelopes[];     /* elliptic_envelope.c */
extern const sv_estimator_class sv_feature_agglomerations[]; /* feature_agglomeration.c */
extern const sv_estimator_class sv_feature_dicts[];          /* feature_dict.c */
extern const sv_estimator_class sv_function_transformers[];  /* function_transformer.c */
extern const sv_estimator_class sv_gaussian_processes[];     /* gaussian_process.c */
extern const sv_estimator_class sv_gradient_boosting[];      /* gradient_boosting.c */
extern const sv_estimator_class sv_hist_gradient_boosting[]; /* hist_gradient_boosting.c */
extern const sv_estimator_class sv_imputers[];               /* imputer.c */
extern const sv_estimator_class sv_isolation_forests[];      /* isolation_forest.c */
extern const sv_estimator_class sv_iterative_imputers[];     /* iterative_imputer.c */
extern const sv_estimator_class sv_kernel_maps[];            /* kernel_map.c */
extern const sv_estimator_class sv_kernel_pcas[];            /* kernel_pca.c */
extern const sv_estimator_class sv_kernel_ridges[];          /* kernel_ridge.c */
extern const sv_estimator_class sv_knn_imputers[];           /* knn_imputer.c */
extern const sv_estimator_class sv_label_propagations[];     /* label_propagation.c */
extern const sv_estimator_class sv_latent_dirichlets[];      /* latent_dirichlet.c */
extern const sv_estimator_class sv_latent_factors[];         /* latent_factors.c */
extern const sv_estimator_class sv_linear_classifiers[];     /* linear_classifier.c */
extern const sv_estimator_class sv_linear_regressors[];      /* linear_regressor.c */
extern const sv_estimator_class sv_manifolds[];              /* manifold.c */
extern const sv_estimator_class sv_mixtures[];               /* mixture.c */
extern const sv_estimator_class sv_multiclass[];             /* multiclass.c */
extern const sv_estimator_class sv_multioutputs[];           /* multioutput.c */
extern const sv_estimator_class sv_naive_bayes[];            /* naive_bayes.c */
extern const sv_estimator_class sv_nearest_centroids[];      /* nearest_centroid.c */
extern const sv_estimator_class sv_nearest_family[];         /* nearest.c */
extern const sv_estimator_class sv_neural_networks[];        /* neural_network.c */
extern const sv_estimator_class sv_nmfs[];                   /* nmf.c */
extern const sv_estimator_class sv_one_hot_encoders[];       /* one_hot_encoder.c */
extern const sv_estimator_class sv_ordinal_encoders[];       /* ordinal_encoder.c */
extern const sv_estimator_class sv_pipelines[];              /* pipeline.c */
extern const sv_estimator_class sv_polynomials[];            /* polynomial.c */
extern const sv_estimator_class sv_power_transformers[];     /* power_transformer.c */
extern const sv_estimator_class sv_projections[];            /* projection.c */
extern const sv_estimator_class sv_quantile_transformers[];  /* quantile_transformer.c */
extern const sv_estimator_class sv_scalers[];                /* scaler.c */
extern const sv_estimator_class sv_selectors[];              /* selector.c */
extern const sv_estimator_class sv_sgd_one_classes[];        /* sgd_one_class.c */
extern const sv_estimator_class sv_sparse_codings[];         /* sparse_coding.c */
extern const sv_estimator_class sv_spline_transformers[];    /* spline_transformer.c */
extern const sv_estimator_class sv_svms[];                   /* svm.c */
extern const sv_estimator_class sv_target_encoders[];        /* target_encoder.c */
extern const sv_estimator_class sv_target_transformers[];    /* target_transformer.c */
extern const sv_estimator_class sv_tfidfs[];                 /* tfidf.c */
extern const sv_estimator_class sv_tree_ensembles[];         /* tree_ensemble.c */
extern const sv_estimator_class sv_vectorizers[];            /* vectorizer.c */

#endif
