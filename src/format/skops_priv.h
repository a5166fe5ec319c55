/* skops_priv.h: what the parts of the skops reader share. */
#ifndef SV_FORMAT_SKOPS_PRIV_H
#define SV_FORMAT_SKOPS_PRIV_H

#include "format/record_make.h"
#include "format/skops.h"
#include "format/zip.h"

/** A file's schema.json, parsed. */
typedef struct skops_schema {
    sv_zip zip;
    const sv_json *root;
    int64_t protocol;
} skops_schema;

/** What was made of one member of the zip, so that each is unpacked a few times at most, whatever the nodes say. */
typedef struct skops_member {
    const sv_record *array, *scalar, *bytes, *sparse;
} skops_member;

typedef struct skops_reader {
    skops_schema schema;
    sv_record_maker maker;
    sv_arena *scratch;      /* until the call ends: nodes, indexes */
    sv_arena *small;        /* until the next value: reset by whoever used it */
    size_t depth_left;      /* of nodes inside nodes */
    sv_index ids;           /* __id__, eight bytes of it */
    const sv_record **seen; /* [ids.n], room for n_seen_max */
    size_t n_seen_max;
    skops_member *members; /* [schema.zip.n_members] */
    bool is_borrowing;     /* the file outlives the records */
    savor_error *err;
} skops_reader;

/** Read the directory and schema.json into `arena`, and check the protocol. */
savor_status sv_skops_read_schema(sv_str bytes, sv_source *source, sv_arena *arena, skops_schema *out,
                                  savor_error *err) SAVOR_MUST_CHECK;

/** The record of a node: a new one, or the one that its __id__ has already. */
savor_status sv_skops_read_node(skops_reader *r, const sv_json *node, const sv_record **out) SAVOR_MUST_CHECK;

/** The record of the node under `key` of a JSON object; FORMAT when there is none. */
savor_status sv_skops_read_child(skops_reader *r, const sv_json *parent, const char *key,
                                 const sv_record **out) SAVOR_MUST_CHECK;

/** The value under `key`, which must be of this kind; FORMAT otherwise. */
savor_status sv_skops_find(skops_reader *r, const sv_json *parent, const char *key, sv_json_kind kind,
                           const sv_json **out) SAVOR_MUST_CHECK;

/** The module and class of a node; FORMAT when they are not there. */
savor_status sv_skops_class(skops_reader *r, const sv_json *node, sv_global *out) SAVOR_MUST_CHECK;

/** Fill `out`: OBJECT of a class, or CALL where a pickle would call it; the other parts from `object`. */
savor_status sv_skops_set_object(skops_reader *r, sv_record_kind kind, sv_global cls, sv_object object,
                                 sv_record *out) SAVOR_MUST_CHECK;

/** A new TUPLE or LIST of `n` records. */
savor_status sv_skops_new_items(skops_reader *r, sv_record_kind kind, const sv_record *const *from, size_t n,
                                const sv_record **out) SAVOR_MUST_CHECK;

/** Reads one kind of node into a record that others may point to already. */
typedef savor_status skops_loader(skops_reader *r, const sv_json *node, sv_record *out);

typedef struct skops_loader_row {
    const char *name; /* __loader__ */
    skops_loader *read;
} skops_loader_row;

/** The loader with this name, or NULL. */
skops_loader *sv_skops_find_loader(sv_str name);

/* skops_array.c */
skops_loader sv_skops_ndarray, sv_skops_masked_array, sv_skops_dtype, sv_skops_sparse, sv_skops_bytes,
    sv_skops_random_state, sv_skops_random_generator;

/* skops_object.c */
skops_loader sv_skops_object, sv_skops_constructor, sv_skops_reduced, sv_skops_tree, sv_skops_quantile_forest,
    sv_skops_partial, sv_skops_method, sv_skops_operator, sv_skops_slice, sv_skops_function, sv_skops_type;

/* skops_nodes.c */
skops_loader sv_skops_json, sv_skops_list, sv_skops_tuple, sv_skops_set, sv_skops_dict, sv_skops_wrapped_dict;

#endif
