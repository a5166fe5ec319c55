/* mlmodel.h: the MLmodel file as a record. Every key is kept, so that writing gives back the bytes that were read. */
#ifndef SV_MODEL_MLMODEL_H
#define SV_MODEL_MLMODEL_H

#include "model/schema.h"
#include "text/yaml.h"

/** Which MLflow wrote a model, by major version; an absent version means 1.x. */
typedef enum sv_era {
    SV_ERA_1,
    SV_ERA_2,
    SV_ERA_3,
} sv_era;

typedef struct sv_version {
    int major, minor, patch; /* 0 where absent; a suffix such as ".dev0" is ignored */
} sv_version;

typedef struct sv_flavor_entry {
    sv_str name;
    const sv_node *conf; /* a MAPPING, or whatever stood there */
} sv_flavor_entry;

typedef struct sv_mlmodel {
    const sv_node *root;            /* the MAPPING as read, unknown keys included, in order */
    const sv_flavor_entry *flavors; /* in file order */
    size_t n_flavors;
    const sv_node *python_function; /* flavors.python_function, or NULL */
    sv_signature signature;         /* all empty when the file has none */
    bool has_signature;
    bool is_signature_from_type_hint;
    sv_str mlflow_version; /* as written; empty when absent */
    sv_version version;    /* {1, 0, 0} when absent */
    sv_era era;
    sv_str run_id, model_id, model_uuid, artifact_path, utc_time_created, databricks_runtime; /* empty when absent */
    int64_t model_size_bytes;                                                                 /* -1 when absent */
} sv_mlmodel;

/**
 * Read the text of an MLmodel file.
 *
 * text      borrowed for the call
 * arena     gets the record and all it points to
 * out       borrowed from the arena. NULL on failure
 * Errors    FORMAT (where = "line L, column C" or the key), LIMIT, NOMEM
 * Threads   safe
 * Source    MLflow mlflow.models.Model.from_dict; docs/formats/mlmodel.md
 */
savor_status sv_mlmodel_read(sv_str text, sv_arena *arena, const sv_mlmodel **out, savor_error *err) SAVOR_MUST_CHECK;

/** Append the record as MLflow writes it. For a file that MLflow wrote, the same bytes. */
savor_status sv_mlmodel_write(const sv_mlmodel *model, sv_buf *out, savor_error *err) SAVOR_MUST_CHECK;

/** The entry of a flavor, or NULL. */
const sv_flavor_entry *sv_mlmodel_find_flavor(const sv_mlmodel *model, const char *name);

/** Read "3.10.1", "2.0.0rc1", "3.1.dev0"; false when the text does not start with a number. */
bool sv_version_read(sv_str text, sv_version *out);

#endif
