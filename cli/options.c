/* options.c: a command line against a command's option table, with click's verdicts. */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the first pass found: raw values by row, and the arguments that belong to no option. */
typedef struct line {
    const cli_usage *usage;
    const char *raw[CLI_MAX_OPTIONS];
    cli_list lists[2]; /* one for each LIST or TEXTS row, in table order */
    const char *extra[CLI_MAX_LIST];
    int n_extra;
    int wants_help;
} line;

int cli_usage_error(const cli_usage *usage, const char *fmt, ...)
{
    va_list args;
    fprintf(stderr, "Usage: savor %s [OPTIONS]%s%s\nTry 'savor %s --help' for help.\n\nError: ", usage->words,
            usage->positional ? " " : "", usage->positional ? usage->positional : "", usage->words);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    return 2;
}

/* "'--port' / '-p'", as click names an option in messages. */
static const char *option_label(const cli_option *o, char *text, size_t size)
{
    if (o->letter)
        snprintf(text, size, "'--%s' / '-%c'", o->name, o->letter);
    else
        snprintf(text, size, "'--%s'", o->name);
    return text;
}

static int invalid_value(const cli_usage *usage, const cli_option *o, const char *value, const char *why)
{
    char label[80];
    return cli_usage_error(usage, "Invalid value for %s: '%s' %s", option_label(o, label, sizeof label), value, why);
}

static int no_such_option(const cli_usage *usage, const char *typed, size_t n)
{
    const char *names[CLI_MAX_OPTIONS + 1] = {"help"}, *meant = NULL;
    char word[64];
    if (n > 2 && n < sizeof word) {
        for (size_t i = 0; i < usage->n_options; i++)
            names[i + 1] = usage->options[i].name;
        snprintf(word, sizeof word, "%.*s", (int)(n - 2), typed + 2);
        meant = cli_suggest(word, names, usage->n_options + 1);
    }
    if (meant)
        return cli_usage_error(usage, "No such option '%.*s'. Did you mean '--%s'?", (int)n, typed, meant);
    return cli_usage_error(usage, "No such option '%.*s'.", (int)n, typed);
}

static const cli_option *find_long(const cli_usage *usage, const char *name, size_t n)
{
    for (size_t i = 0; i < usage->n_options; i++)
        if (strlen(usage->options[i].name) == n && memcmp(usage->options[i].name, name, n) == 0)
            return &usage->options[i];
    return NULL;
}

static const cli_option *find_letter(const cli_usage *usage, char letter)
{
    for (size_t i = 0; i < usage->n_options; i++)
        if (usage->options[i].letter == letter)
            return &usage->options[i];
    return NULL;
}

static int is_repeatable(const cli_option *o) { return o->kind == CLI_LIST || o->kind == CLI_TEXTS; }

static cli_list *list_of(line *l, size_t row)
{
    size_t n = 0;
    for (size_t i = 0; i < row; i++)
        n += is_repeatable(&l->usage->options[i]) != 0;
    return &l->lists[n];
}

static int keep_value(line *l, const cli_option *o, const char *value)
{
    size_t row = (size_t)(o - l->usage->options);
    l->raw[row] = value;
    if (is_repeatable(o)) {
        cli_list *list = list_of(l, row);
        if (list->n == CLI_MAX_LIST)
            return cli_usage_error(l->usage, "Option '--%s' was given more than %d times.", o->name, CLI_MAX_LIST);
        list->item[list->n++] = value;
    }
    return CLI_GO_ON;
}

/* `value` is what came in the same word, or NULL; then the next word is it. Adds to *i what it used. */
static int take_value(line *l, const cli_option *o, const char *value, int argc, char **argv, int *i)
{
    if (o->kind == CLI_FLAG) {
        if (!value)
            return keep_value(l, o, "1");
        fprintf(stderr, "Error: Option '--%s' does not take a value.\n", o->name);
        return 2;
    }
    if (value)
        return keep_value(l, o, value);
    if (*i + 1 < argc)
        return keep_value(l, o, argv[++*i]);
    /* click prints no usage line with this one */
    if (argv[*i][1] == '-')
        fprintf(stderr, "Error: Option '--%s' requires an argument.\n", o->name);
    else
        fprintf(stderr, "Error: Option '-%c' requires an argument.\n", o->letter);
    return 2;
}

static int take_long(line *l, int argc, char **argv, int *i)
{
    const char *typed = argv[*i], *equals = strchr(typed, '=');
    size_t n = equals ? (size_t)(equals - typed) : strlen(typed);
    const cli_option *o = find_long(l->usage, typed + 2, n - 2);
    if (o)
        return take_value(l, o, equals ? equals + 1 : NULL, argc, argv, i);
    if (n != 6 || memcmp(typed, "--help", 6) != 0)
        return no_such_option(l->usage, typed, n);
    l->wants_help = 1;
    return CLI_GO_ON;
}

/* Options that take no value have no letters here, so a word is one letter and perhaps its value. */
static int take_short(line *l, int argc, char **argv, int *i)
{
    const char *typed = argv[*i];
    const cli_option *o = find_letter(l->usage, typed[1]);
    if (!o)
        return no_such_option(l->usage, typed, 2);
    return take_value(l, o, typed[2] ? typed + 2 : NULL, argc, argv, i);
}

static int read_words(line *l, int argc, char **argv)
{
    int only_arguments = 0, code = CLI_GO_ON;
    for (int i = 0; i < argc && code == CLI_GO_ON; i++) {
        const char *word = argv[i];
        if (only_arguments || word[0] != '-' || !word[1]) {
            if (l->n_extra < CLI_MAX_LIST)
                l->extra[l->n_extra++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_arguments = 1;
        } else {
            code = word[1] == '-' ? take_long(l, argc, argv, &i) : take_short(l, argc, argv, &i);
        }
    }
    return code;
}

/* Digits with an optional sign, blanks around them allowed as Python's int() allows them. */
static int read_int(const char *text, int64_t *out)
{
    int64_t value = 0;
    int minus;
    text += strspn(text, " \t");
    minus = *text == '-';
    text += minus || *text == '+';
    if (*text < '0' || *text > '9')
        return 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (value > (INT64_MAX - 9) / 10)
            return 0;
        value = value * 10 + (*text - '0');
    }
    text += strspn(text, " \t");
    *out = minus ? -value : value;
    return !*text;
}

static int put_int(const cli_usage *usage, const cli_option *o, const char *value, int *out)
{
    int64_t number;
    char why[80];
    if (!read_int(value, &number))
        return invalid_value(usage, o, value, "is not a valid integer.");
    if (number < o->min || number > o->max) {
        snprintf(why, sizeof why, "is not in the range %d<=x<=%d.", o->min, o->max);
        return invalid_value(usage, o, value, why);
    }
    *out = (int)number;
    return CLI_GO_ON;
}

static int put_size(const cli_usage *usage, const cli_option *o, const char *value, size_t *out)
{
    static const char UNITS[] = "KMG";
    char digits[24];
    size_t n = strlen(value), shift = 0;
    const char *unit = n ? strchr(UNITS, value[n - 1]) : NULL;
    int64_t number = -1;
    if (unit) {
        shift = 10 * (size_t)(unit - UNITS + 1);
        n--;
    }
    if (n < sizeof digits) {
        snprintf(digits, sizeof digits, "%.*s", (int)n, value);
        if (!read_int(digits, &number))
            number = -1;
    }
    if (number < 1 || number > (INT64_MAX >> shift))
        return invalid_value(usage, o, value, "is not a size, such as 4096, 16K, 100M or 2G.");
    *out = (size_t)number << shift;
    return CLI_GO_ON;
}

static int put_choice(const cli_usage *usage, const cli_option *o, const char *value, const char **out)
{
    size_t n = strlen(value);
    for (const char *c = o->choices;; c = strchr(c, '|') + 1) {
        size_t size = strcspn(c, "|");
        if (size == n && memcmp(c, value, n) == 0) {
            *out = value;
            return CLI_GO_ON;
        }
        if (!c[size])
            break;
    }
    char why[160];
    snprintf(why, sizeof why, "is not one of '%s'.", o->choices);
    for (char *bar = why; (bar = strchr(bar, '|'));)
        *bar = '/';
    return invalid_value(usage, o, value, why);
}

static int put_list(line *l, size_t row, cli_list *out)
{
    const cli_list *list = list_of(l, row);
    for (int i = 0; i < list->n; i++)
        if (l->usage->options[row].kind == CLI_LIST && !strchr(list->item[i], '='))
            return invalid_value(l->usage, &l->usage->options[row], list->item[i],
                                 "is not a valid key value pair, expecting `key=value`");
    *out = *list;
    return CLI_GO_ON;
}

/* "1", "true", "yes", "on", "t", "y" as click reads a flag's variable; nothing else switches one on. */
static int is_true(const char *text)
{
    static const char *const WORDS[] = {"1", "true", "True", "TRUE", "yes", "on", "t", "y"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (strcmp(text, WORDS[i]) == 0)
            return 1;
    return 0;
}

static int put_value(line *l, size_t row, const char *value, void *args)
{
    const cli_option *o = &l->usage->options[row];
    void *member = (char *)args + o->offset;
    switch (o->kind) {
    case CLI_FLAG:
        *(int *)member = is_true(value);
        return CLI_GO_ON;
    case CLI_TEXT:
        *(const char **)member = value;
        return CLI_GO_ON;
    case CLI_CHOICE:
        return put_choice(l->usage, o, value, member);
    case CLI_INT:
        return put_int(l->usage, o, value, member);
    case CLI_SIZE:
        return put_size(l->usage, o, value, member);
    case CLI_LIST:
    case CLI_TEXTS:
        return put_list(l, row, member);
    }
    return CLI_GO_ON;
}

static int put_row(line *l, size_t row, void *args)
{
    const cli_option *o = &l->usage->options[row];
    const char *value = l->raw[row];
    char label[80];
    if (!value && o->env) {
        value = getenv(o->env);
        value = value && *value ? value : NULL; /* click takes an empty variable as an absent one */
    }
    if (!value)
        value = o->fallback;
    if (value)
        return put_value(l, row, value, args);
    if (o->is_required)
        return cli_usage_error(l->usage, "Missing option %s.", option_label(o, label, sizeof label));
    return CLI_GO_ON;
}

static int refuse_extra(const line *l, int first)
{
    char text[400];
    size_t n = 0;
    for (int i = first; i < l->n_extra && n < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i == first ? "" : " ", l->extra[i]);
    return cli_usage_error(l->usage, "Got unexpected extra argument%s (%s)", l->n_extra - first > 1 ? "s" : "", text);
}

int cli_parse(const cli_usage *usage, int argc, char **argv, void *args, cli_given *given)
{
    line l = {.usage = usage};
    int code = read_words(&l, argc, argv), n_used = 0;
    *given = (cli_given){{0}};
    if (code != CLI_GO_ON)
        return code;
    if (l.wants_help) {
        cli_print_help(usage);
        return 0;
    }
    if (usage->positional && l.n_extra && !l.raw[usage->stands_for])
        l.raw[usage->stands_for] = l.extra[n_used++];
    for (size_t row = 0; row < usage->n_options && code == CLI_GO_ON; row++) {
        given->row[row] = l.raw[row] != NULL;
        code = put_row(&l, row, args);
    }
    if (code == CLI_GO_ON && l.n_extra > n_used)
        code = refuse_extra(&l, n_used);
    return code;
}

int cli_check_eras(const cli_usage *usage, const cli_given *given, const char *profile)
{
    unsigned era = profile[0] >= '1' && profile[0] <= '3' ? 1u << (profile[0] - '1') : 7u;
    for (size_t row = 0; row < usage->n_options; row++) {
        const cli_option *o = &usage->options[row];
        if (given->row[row] && o->eras && !(o->eras & era))
            return cli_usage_error(usage, "No such option '--%s' in MLflow %s (see --profile).", o->name, profile);
    }
    return CLI_GO_ON;
}
