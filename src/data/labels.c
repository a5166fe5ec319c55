#include "data/labels.h"

void sv_labels_init(sv_labels *labels, const sv_label *first, size_t stride, size_t n, sv_arena *arena)
{
    *labels = (sv_labels){.first = first, .stride = stride, .n = n};
    sv_index_init(&labels->index, arena);
}

static const sv_label *get_label(const sv_labels *labels, size_t i)
{
    return (const sv_label *)(const void *)((const char *)labels->first + i * labels->stride);
}

/* Labels that are no text are few and rare, and looked for one by one. */
static size_t find_other(const sv_labels *labels, const sv_label *name)
{
    for (size_t i = 0; i < labels->n; i++)
        if (sv_label_equal(get_label(labels, i), name))
            return i;
    return SV_LABEL_NONE;
}

static savor_status make_index(sv_labels *labels, savor_error *err)
{
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i < labels->n; i++)
        if (sv_label_is_text(get_label(labels, i)))
            st = sv_index_put(&labels->index, get_label(labels, i)->text, i, err);
    labels->is_indexed = st == SAVOR_OK;
    return st;
}

savor_status sv_labels_find(sv_labels *labels, const sv_label *name, size_t *position, savor_error *err)
{
    if (labels->next < labels->n && sv_label_equal(get_label(labels, labels->next), name)) {
        *position = labels->next++;
        return SAVOR_OK;
    }
    if (!sv_label_is_text(name)) {
        *position = find_other(labels, name);
    } else {
        savor_status st = labels->is_indexed ? SAVOR_OK : make_index(labels, err);
        if (st)
            return st;
        *position = sv_index_find(&labels->index, name->text);
    }
    labels->next = *position == SV_LABEL_NONE ? labels->next : *position + 1;
    return SAVOR_OK;
}
