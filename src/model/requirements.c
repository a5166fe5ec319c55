#include "model/requirements.h"

#include "base/unicode.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define FILES_DEEP 8
#define FILES_MAX 64
#define LINES_MAX 100000

typedef struct reader {
    const sv_dir *dir;
    sv_arena *arena;
    sv_requirement *items;
    size_t n, capacity, n_files;
    savor_error *err;
} reader;

/* ---- Python's words for text ---- */

static sv_str strip_left(sv_str s)
{
    uint32_t c;
    while (s.n) {
        size_t n = sv_utf8_get(s.p, &c);
        if (!sv_char_is_space(c))
            break;
        s = (sv_str){s.p + n, s.n - n};
    }
    return s;
}

static sv_str strip_right(sv_str s)
{
    while (s.n) {
        size_t n = s.n - 1;
        uint32_t c;
        while (n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
            n--;
        (void)sv_utf8_get(s.p + n, &c);
        if (!sv_char_is_space(c))
            break;
        s.n = n;
    }
    return s;
}

static sv_str strip(sv_str s) { return strip_right(strip_left(s)); }

/* Where str.splitlines cuts. */
static bool is_line_end(uint32_t c)
{
    return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

savor_status sv_lines_cut(sv_str text, sv_arena *arena, const sv_str **out, size_t *n, savor_error *err)
{
    size_t n_lines = 0, at = 0, start = 0;
    uint32_t c;
    *out = NULL;
    *n = 0;
    if (!sv_utf8_check(text.p, text.n))
        return sv_fail(err, SAVOR_FORMAT, "the text was not UTF-8");
    for (at = 0; at < text.n; at += sv_utf8_get(text.p + at, &c))
        n_lines += text.p[at] < 0x20 || (unsigned char)text.p[at] >= 0xC2; /* no fewer than there are */
    sv_str *lines = sv_arena_array(arena, n_lines + 1, sizeof *lines);
    if (!lines)
        return sv_arena_fail(arena, (n_lines + 1) * sizeof *lines, err);
    for (at = 0; at < text.n;) {
        size_t length = sv_utf8_get(text.p + at, &c);
        if (is_line_end(c)) {
            lines[(*n)++] = (sv_str){text.p + start, at - start};
            length += c == '\r' && at + 1 < text.n && text.p[at + 1] == '\n';
            start = at + length;
        }
        at += length;
    }
    if (start < text.n)
        lines[(*n)++] = (sv_str){text.p + start, text.n - start};
    *out = lines;
    return SAVOR_OK;
}

static sv_str strip_comment(sv_str line)
{
    for (size_t i = 0; i + 1 < line.n; i++)
        if (line.p[i] == ' ' && line.p[i + 1] == '#')
            return strip_right((sv_str){line.p, i});
    return line;
}

/* ---- lines ---- */

static savor_status keep_line(reader *r, sv_str text, bool is_constraint)
{
    for (size_t i = 0; i < text.n; i++)
        if (((unsigned char)text.p[i] < 0x20 && text.p[i] != '\t') || text.p[i] == 0x7F)
            return sv_fail(r->err, SAVOR_FORMAT, "a requirement held the byte 0x%02x", (unsigned char)text.p[i]);
    if (r->n == LINES_MAX)
        return sv_fail(r->err, SAVOR_LIMIT, "there were more than %d requirements", LINES_MAX);
    if (r->n == r->capacity) {
        r->capacity = r->capacity * 2 + 32;
        sv_requirement *items = sv_arena_array(r->arena, r->capacity, sizeof *items);
        if (!items)
            return sv_arena_fail(r->arena, r->capacity * sizeof *items, r->err);
        if (r->n)
            memcpy(items, r->items, r->n * sizeof *items);
        r->items = items;
    }
    r->items[r->n++] = (sv_requirement){text, is_constraint};
    return SAVOR_OK;
}

static savor_status read_lines(reader *r, const sv_str *lines, size_t n, sv_str folder, bool is_constraint, int deep);

static savor_status read_file(reader *r, sv_str path, bool is_constraint, int deep)
{
    sv_buf text = SV_BUF_INIT(FILE_BYTES_MAX);
    const sv_str *lines;
    size_t n, end = path.n;
    savor_status st;
    if (!r->dir)
        return sv_fail(r->err, SAVOR_UNSUPPORTED, "the file \"%.*s\" cannot be looked for here", SV_FMT(path));
    if (deep == FILES_DEEP || r->n_files++ == FILES_MAX)
        return sv_fail(r->err, SAVOR_LIMIT, "requirements files referred to more than %d files, or %d deep",
                       FILES_MAX, FILES_DEEP);
    if ((st = sv_dir_read(r->dir, path, &text, r->err)))
        goto done;
    char *copy = sv_arena_text(r->arena, sv_buf_view(&text).p, text.n);
    if (!copy) {
        st = sv_arena_fail(r->arena, text.n, r->err);
        goto done;
    }
    while (end && path.p[end - 1] != '/')
        end--;
    if (!(st = sv_lines_cut((sv_str){copy, text.n}, r->arena, &lines, &n, r->err)))
        st = read_lines(r, lines, n, (sv_str){path.p, end}, is_constraint, deep + 1);
    st = sv_error_at(r->err, st, "%.*s", SV_FMT(path));
done:
    sv_buf_deinit(&text);
    return st;
}

/* What pip takes for a reference. MLflow sees those with a blank behind the option only, and its name of the
 * environment would not change with the file. */
static bool is_hidden_reference(sv_str line)
{
    static const char *const WORDS[] = {"--requirement", "--constraint"};
    for (size_t i = 0; i < 2; i++)
        if (sv_str_starts(line, sv_str_of(WORDS[i])))
            return true;
    return line.n >= 2 && line.p[0] == '-' && (line.p[1] == 'r' || line.p[1] == 'c');
}

static bool has_option(sv_str line, const char *letter, const char *word)
{
    return sv_str_starts(line, sv_str_of(letter)) || sv_str_starts(line, sv_str_of(word));
}

static savor_status take_line(reader *r, sv_str line, sv_str folder, bool is_constraint, int deep)
{
    bool is_file = has_option(line, "-r ", "--requirement "), is_limit = has_option(line, "-c ", "--constraint ");
    if (!is_file && !is_limit && is_hidden_reference(line))
        return sv_fail(r->err, SAVOR_UNSUPPORTED, "\"%.*s\": expected a blank behind -r or -c", SV_FMT(line));
    if (!is_file && !is_limit)
        return keep_line(r, line, is_constraint);
    sv_str name = strip_left((sv_str){line.p + sv_str_find(line, ' '), line.n - sv_str_find(line, ' ')});
    char *path = sv_arena_alloc(r->arena, folder.n + name.n + 1);
    if (!path)
        return sv_arena_fail(r->arena, folder.n + name.n + 1, r->err);
    if (name.n && name.p[0] == '/')
        return sv_fail(r->err, SAVOR_FORMAT, "\"%.*s\" leads out of the model directory", SV_FMT(line));
    memcpy(path, folder.p, folder.n);
    memcpy(path + folder.n, name.p, name.n);
    path[folder.n + name.n] = '\0';
    return read_file(r, (sv_str){path, folder.n + name.n}, is_limit, deep);
}

/* Lines i to j - 1, whose last bytes but the last one's are backslashes, as one. */
static savor_status join_lines(reader *r, const sv_str *lines, size_t i, size_t j, sv_str *out)
{
    size_t n = 0;
    for (size_t k = i; k < j; k++)
        n += lines[k].n;
    char *text = sv_arena_alloc(r->arena, n + 1);
    if (!text)
        return sv_arena_fail(r->arena, n + 1, r->err);
    *out = (sv_str){text, 0};
    for (size_t k = i; k < j; k++) {
        sv_str part = strip_comment(strip(lines[k]));
        while (part.n && part.p[part.n - 1] == '\\')
            part.n--;
        memcpy(text + out->n, part.p, part.n);
        out->n += part.n;
    }
    return SAVOR_OK;
}

/* Recursion is bounded by FILES_DEEP. */
static savor_status read_lines(reader *r, const sv_str *lines, size_t n, sv_str folder, bool is_constraint, int deep)
{
    savor_status st = SAVOR_OK;
    for (size_t i = 0, j = 0; i < n && !st; i = j) {
        sv_str line = SV_STR("");
        for (j = i; j < n; j++) {
            line = strip_comment(strip(lines[j]));
            if (!sv_str_ends(line, SV_STR("\\")))
                break;
        }
        j = j < n ? j + 1 : n;
        if (j > i + 1 || sv_str_ends(line, SV_STR("\\")))
            st = join_lines(r, lines, i, j, &line);
        if (!st && line.n && line.p[0] != '#')
            st = take_line(r, line, folder, is_constraint, deep);
    }
    return st;
}

savor_status sv_requirements_read(const sv_str *lines, size_t n_lines, const sv_dir *dir, sv_arena *arena,
                                  sv_requirements *out, savor_error *err)
{
    reader r = {.dir = dir, .arena = arena, .err = err};
    savor_status st = SAVOR_OK;
    *out = (sv_requirements){0};
    for (size_t i = 0; i < n_lines; i++)
        if (!sv_utf8_check(lines[i].p, lines[i].n))
            return sv_fail(err, SAVOR_FORMAT, "a requirement was not UTF-8");
    if ((st = read_lines(&r, lines, n_lines, SV_STR(""), false, 0)))
        return st;
    *out = (sv_requirements){r.n, r.items};
    return SAVOR_OK;
}

void sv_requirements_write(const sv_requirements *r, bool constraints, sv_buf *out)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->items[i].is_constraint != constraints)
            continue;
        sv_buf_put_str(out, r->items[i].text);
        sv_buf_put_char(out, '\n');
    }
}
