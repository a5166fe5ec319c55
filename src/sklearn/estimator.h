/*
 * estimator.h: scikit-learn estimators without Python: a record of a pickle or skops file -> something that predicts.
 *
 * One file per family of estimators, one row of sv_estimator_class per class name. `load` reads the attributes,
 * checks once that they fit together, and freezes them; a method then computes what the class computes.
 */
#ifndef SV_SKLEARN_ESTIMATOR_H
#define SV_SKLEARN_ESTIMATOR_H

#include "format/record.h"
#include "sklearn/batch.h"

typedef enum sv_method {
    SV_PREDICT,
    SV_PREDICT_PROBA,
    SV_PREDICT_LOG_PROBA,
    SV_PREDICT_JOINT_LOG_PROBA,
    SV_DECISION_FUNCTION,
    SV_SCORE_SAMPLES,
    SV_TRANSFORM,
    SV_INVERSE_TRANSFORM,
    SV_METHOD_COUNT,
} sv_method;

typedef struct sv_estimator sv_estimator;
typedef struct sv_estimator_class sv_estimator_class;
typedef struct sv_loader sv_loader;

/**
 * One method of a loaded estimator.
 *
 * in        what the caller passes as X; borrowed
 * arena     the request's; gets the answer and all scratch
 * out       borrowed from the arena or from `in`
 * Errors    MODEL (the library would have raised), UNSUPPORTED, NOMEM, LIMIT
 * Threads   safe
 */
typedef savor_status (*sv_method_fn)(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err);

/** How numpy lays out the dense rows that transform answers with: it decides how the sums of what follows are added
 * up. */
typedef enum sv_layout {
    SV_LAYOUT_OWN, /* as the method says in by_columns: by rows, unless it says so */
    SV_LAYOUT_OF_INPUT,
    SV_LAYOUT_COLUMNS,
} sv_layout;

struct sv_estimator_class {
    const char *name;    /* "LinearRegression" */
    const char *package; /* first part of the module; NULL: "sklearn" */

    /**
     * Read the attributes of `object` into a struct that starts with an sv_estimator (made by sv_estimator_new).
     *
     * Errors    FORMAT (an attribute is missing or does not fit), UNSUPPORTED (names the feature), NOMEM, LIMIT
     */
    savor_status (*load)(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err);

    /** Whether this estimator has the method, when that depends on how it was made (SVC's predict_proba). NULL: it
     * has those that the row names. */
    bool (*has)(const sv_estimator *self, sv_method method);

    sv_method_fn methods[SV_METHOD_COUNT]; /* NULL: the class has no such method */
    sv_layout layout;
};

/** The release of scikit-learn that wrote an estimator. */
typedef struct sv_release {
    int major, minor;
} sv_release;

static inline bool sv_release_is_before(sv_release release, int major, int minor)
{
    return release.major < major || (release.major == major && release.minor < minor);
}

/** The start of every estimator's own struct. */
struct sv_estimator {
    const sv_estimator_class *cls;
    sv_release release;
    size_t n_features_in;        /* 0: not known */
    const sv_str *feature_names; /* [n_feature_names] feature_names_in_, or NULL */
    size_t n_feature_names;      /* n_features_in; its own, so that names are never read by a number learned later */
    bool makes_frames;           /* set_output(transform="pandas" or "polars") */
    sv_tensor classes; /* [n_classes] classes_, any dtype; n_items is 0 where there is none, or one per output */
};

/** The classes that a file holds, each once, the outermost first; those beyond the room are left out. */
typedef struct sv_class_names {
    size_t n;
    const char *items[32];
} sv_class_names;

/** How a file is being read. */
struct sv_loader {
    sv_arena *arena;                           /* the model's */
    const sv_estimator_class *const *families; /* NULL-terminated; the rows of each end with a NULL name */
    const sv_estimator_class *const *guests;   /* the same, of other packages than scikit-learn; NULL: none */
    sv_release release;                        /* of the innermost estimator that says it */
    unsigned depth;
    sv_str step;           /* of a pipeline, transformer of a list: what is being read belongs to it; for messages */
    sv_class_names *names; /* gets the classes met; NULL: not asked for */
    size_t n_attributes;   /* of all that was loaded so far: records may be shared, so the file's size says little */
};

/** Estimators inside estimators: no deeper. */
#define SV_ESTIMATOR_DEPTH_MAX 64

/** Attributes of all estimators of one file: no more, however often they are shared. */
#define SV_ATTRIBUTES_MAX ((size_t)1 << 25)

/** Features where only a number says how many there are: no more. Arrays of the file may show more. */
#define SV_FEATURES_MAX 10000000

/**
 * Load an estimator, with all that it holds.
 *
 * object    OBJECT of the record graph; borrowed for the call: all that is kept is copied to the loader's arena
 * Errors    UNSUPPORTED (names the class that is not known, with its module and step), FORMAT, LIMIT, NOMEM
 */
savor_status sv_estimator_load(sv_loader *loader, const sv_record *object, const sv_estimator **out,
                               savor_error *err) SAVOR_MUST_CHECK;

/** The same for a step that has a name. */
savor_status sv_estimator_load_step(sv_loader *loader, sv_str step, const sv_record *object, const sv_estimator **out,
                                    savor_error *err) SAVOR_MUST_CHECK;

/** A cleared struct of `size` bytes in the loader's arena whose head is filled from the attributes that all
 * estimators have. */
savor_status sv_estimator_new(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object, size_t size,
                              sv_estimator **out, savor_error *err) SAVOR_MUST_CHECK;

/** The number of features that the other attributes show: one at least, and what n_features_in_ says where it is
 * there. Errors: FORMAT. */
savor_status sv_estimator_set_features(sv_estimator *self, const sv_record *object, size_t n,
                                       savor_error *err) SAVOR_MUST_CHECK;

/** Whether the method is there. */
bool sv_estimator_has(const sv_estimator *self, sv_method method);

/** Call a method; MODEL when the estimator has none of that name. */
savor_status sv_estimator_call(const sv_estimator *self, sv_method method, const sv_batch *in, sv_arena *arena,
                               sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/** "predict_proba" -> SV_PREDICT_PROBA; false for a name that is none. */
bool sv_method_of(sv_str name, sv_method *out);

/** The name of a method. */
const char *sv_method_name(sv_method method);

#endif
