/* yaml_compose.c: libyaml's events -> composed nodes. Source: PyYAML composer.py, with limits. */
#include "base/alloc.h"
#include "text/yaml_priv.h"

#include <yaml.h>

typedef struct anchor {
    sv_str name;
    yaml_raw *raw;
} anchor;

typedef struct frame {
    yaml_raw *raw;
    size_t first; /* its children in `pending` begin here */
} frame;

typedef struct composer {
    yaml_parser_t parser;
    sv_arena *arena;
    const sv_yaml_limits *limits;
    savor_error *err;
    frame *frames; /* limits->depth of them */
    size_t n_frames;
    yaml_raw **pending; /* children of the open containers */
    size_t n_pending, max_pending;
    anchor *anchors; /* limits->n_aliases of them */
    size_t n_anchors;
    uint32_t n_aliases;
    size_t n_nodes;
    yaml_raw *root;
    uint32_t n_documents;
    yaml_mark_t mark; /* of the event at hand */
} composer;

static savor_status fail_at(const composer *c, savor_status st)
{
    return sv_error_at(c->err, st, "line %zu, column %zu", c->mark.line + 1, c->mark.column + 1);
}

/* libyaml's own fault. */
static savor_status fail_parser(composer *c)
{
    const yaml_parser_t *p = &c->parser;
    const char *problem = p->problem ? p->problem : "not YAML";
    if (p->error == YAML_MEMORY_ERROR)
        return sv_fail(c->err, SAVOR_NOMEM, "out of memory while reading YAML");
    if (p->error == YAML_READER_ERROR)
        return sv_error_at(c->err, sv_fail(c->err, SAVOR_FORMAT, "YAML held %s", problem), "byte %zu",
                           p->problem_offset);
    c->mark = p->problem_mark;
    if (p->context)
        return fail_at(c, sv_fail(c->err, SAVOR_FORMAT, "YAML was malformed: %s (%s)", problem, p->context));
    return fail_at(c, sv_fail(c->err, SAVOR_FORMAT, "YAML was malformed: %s", problem));
}

static savor_status fail_limit(composer *c, const char *what, size_t limit)
{
    return fail_at(c, sv_fail(c->err, SAVOR_LIMIT, "YAML had too many %s: the limit is %zu", what, limit));
}

static savor_status copy_text(composer *c, const void *p, size_t n, sv_str *out)
{
    char *copy = sv_arena_text(c->arena, p, n);
    if (!copy)
        return sv_arena_fail(c->arena, n, c->err);
    *out = (sv_str){copy, n};
    return SAVOR_OK;
}

static const anchor *find_anchor(const composer *c, sv_str name)
{
    for (size_t i = 0; i < c->n_anchors; i++) {
        if (sv_str_equal(c->anchors[i].name, name))
            return &c->anchors[i];
    }
    return NULL;
}

static savor_status add_anchor(composer *c, const yaml_char_t *name, yaml_raw *raw)
{
    if (!name)
        return SAVOR_OK;
    sv_str text = sv_str_of((const char *)name);
    if (find_anchor(c, text))
        return fail_at(c, sv_fail(c->err, SAVOR_FORMAT, "anchor \"%.*s\" was set twice", SV_FMT(text)));
    if (c->n_anchors == c->limits->n_aliases)
        return fail_limit(c, "anchors", c->limits->n_aliases);
    savor_status st = copy_text(c, text.p, text.n, &text);
    if (!st)
        c->anchors[c->n_anchors++] = (anchor){text, raw};
    return st;
}

static savor_status push_pending(composer *c, yaml_raw *raw)
{
    if (c->n_pending == c->max_pending) {
        size_t max = c->max_pending ? c->max_pending * 2 : 64;
        yaml_raw **grown = sv_realloc_array(c->pending, max, sizeof *grown);
        if (!grown)
            return sv_fail_nomem(c->err, max * sizeof *grown);
        c->pending = grown;
        c->max_pending = max;
    }
    c->pending[c->n_pending++] = raw;
    return SAVOR_OK;
}

/* A finished node becomes the root or a child of the innermost open container. */
static savor_status attach(composer *c, yaml_raw *raw)
{
    if (c->n_frames == 0) {
        c->root = raw;
        return SAVOR_OK;
    }
    yaml_raw *parent = c->frames[c->n_frames - 1].raw;
    if (raw->height + 1 > parent->height)
        parent->height = raw->height + 1;
    if (c->n_frames + raw->height > c->limits->depth)
        return fail_limit(c, "levels of nesting", c->limits->depth);
    parent->weight += raw->weight; /* each is at most n_nodes: checked when the parent ends */
    if (parent->weight > c->limits->n_nodes)
        return fail_limit(c, "nodes, aliases written out", c->limits->n_nodes);
    return push_pending(c, raw);
}

static savor_status new_raw(composer *c, yaml_raw_kind kind, yaml_raw **out)
{
    if (++c->n_nodes > c->limits->n_nodes)
        return fail_limit(c, "nodes", c->limits->n_nodes);
    yaml_raw *raw = sv_arena_array(c->arena, 1, sizeof *raw);
    if (!raw)
        return sv_arena_fail(c->arena, sizeof *raw, c->err);
    raw->kind = (uint8_t)kind;
    raw->weight = 1;
    raw->line = (uint32_t)c->mark.line + 1;
    raw->column = (uint32_t)c->mark.column + 1;
    *out = raw;
    return SAVOR_OK;
}

/* An explicit tag; "!" counts as none. */
static savor_status set_tag(composer *c, yaml_raw *raw, const yaml_char_t *tag, yaml_tag fallback)
{
    raw->tag = (uint8_t)fallback;
    if (!tag || strcmp((const char *)tag, "!") == 0)
        return SAVOR_OK;
    sv_str text = sv_str_of((const char *)tag);
    raw->tag = (uint8_t)sv_yaml_tag_find(text);
    return raw->tag == YAML_TAG_OTHER ? copy_text(c, text.p, text.n, &raw->tag_text) : SAVOR_OK;
}

static savor_status on_scalar(composer *c, const yaml_event_t *event)
{
    yaml_raw *raw = NULL;
    const yaml_char_t *tag = event->data.scalar.tag;
    /* libyaml drops the tag "!" but for an empty node. */
    bool is_implicit = event->data.scalar.plain_implicit || (tag && strcmp((const char *)tag, "!") == 0);
    savor_status st;
    if ((st = new_raw(c, YAML_RAW_SCALAR, &raw)) ||
        (st = copy_text(c, event->data.scalar.value, event->data.scalar.length, &raw->text)) ||
        (st = set_tag(c, raw, tag, is_implicit ? sv_yaml_resolve(raw->text) : YAML_TAG_STR)) ||
        (st = add_anchor(c, event->data.scalar.anchor, raw)))
        return st;
    return attach(c, raw);
}

static savor_status on_alias(composer *c, const yaml_event_t *event)
{
    sv_str name = sv_str_of((const char *)event->data.alias.anchor);
    const anchor *found = find_anchor(c, name);
    if (!found)
        return fail_at(c, sv_fail(c->err, SAVOR_FORMAT, "alias \"%.*s\" named no anchor", SV_FMT(name)));
    if (found->raw->is_open)
        return fail_at(c, sv_fail(c->err, SAVOR_FORMAT, "alias \"%.*s\" stood inside itself", SV_FMT(name)));
    if (++c->n_aliases > c->limits->n_aliases)
        return fail_limit(c, "aliases", c->limits->n_aliases);
    return attach(c, found->raw);
}

static savor_status on_start(composer *c, const yaml_event_t *event)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag = is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    const yaml_char_t *name = is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    yaml_raw *raw = NULL;
    savor_status st;
    if (c->n_frames == c->limits->depth)
        return fail_limit(c, "levels of nesting", c->limits->depth);
    if ((st = new_raw(c, is_map ? YAML_RAW_MAPPING : YAML_RAW_SEQUENCE, &raw)) ||
        (st = set_tag(c, raw, tag, is_map ? YAML_TAG_MAP : YAML_TAG_SEQ)) || (st = add_anchor(c, name, raw)))
        return st;
    raw->height = 1;
    raw->is_open = true;
    c->frames[c->n_frames++] = (frame){raw, c->n_pending};
    return SAVOR_OK;
}

static savor_status on_end(composer *c)
{
    frame f = c->frames[--c->n_frames];
    size_t n = c->n_pending - f.first;
    yaml_raw **children = sv_arena_array(c->arena, n ? n : 1, sizeof *children);
    if (!children)
        return sv_arena_fail(c->arena, n * sizeof *children, c->err);
    if (n)
        memcpy(children, c->pending + f.first, n * sizeof *children);
    c->n_pending = f.first;
    f.raw->children = children;
    f.raw->n = n;
    f.raw->is_open = false;
    return attach(c, f.raw);
}

static savor_status on_document(composer *c)
{
    if (++c->n_documents > 1)
        return fail_at(c, sv_fail(c->err, SAVOR_FORMAT, "expected one YAML document, found another"));
    return SAVOR_OK;
}

static savor_status on_event(composer *c, const yaml_event_t *event)
{
    c->mark = event->start_mark;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(c);
    case YAML_SCALAR_EVENT:
        return on_scalar(c, event);
    case YAML_ALIAS_EVENT:
        return on_alias(c, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return on_start(c, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(c);
    default:
        return SAVOR_OK;
    }
}

static savor_status run(composer *c)
{
    for (bool is_done = false; !is_done;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&c->parser, &event))
            return fail_parser(c);
        savor_status st = on_event(c, &event);
        is_done = event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT;
        yaml_event_delete(&event);
        if (st)
            return st;
    }
    return SAVOR_OK;
}

savor_status sv_yaml_compose(sv_str text, const sv_yaml_limits *limits, sv_arena *arena, yaml_raw **out,
                             savor_error *err)
{
    composer c = {.arena = arena, .limits = limits, .err = err};
    savor_status st = SAVOR_OK;
    *out = NULL;

    if (!yaml_parser_initialize(&c.parser))
        return sv_fail(err, SAVOR_NOMEM, "out of memory while reading YAML");
    c.frames = sv_alloc_array(limits->depth, sizeof *c.frames);
    c.anchors = sv_alloc_array(limits->n_aliases, sizeof *c.anchors);
    if (!c.frames || !c.anchors) {
        st = sv_fail_nomem(err, (size_t)limits->depth * sizeof *c.frames);
        goto done;
    }
    yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&c.parser, (const unsigned char *)text.p, text.n);
    if ((st = run(&c)))
        goto done;

    *out = c.root;
done:
    yaml_parser_delete(&c.parser);
    sv_free(c.frames);
    sv_free(c.anchors);
    sv_free(c.pending);
    return st;
}
