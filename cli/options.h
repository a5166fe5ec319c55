/*
 * options.h: one table per command drives parsing, usage errors and --help.
 *
 * The rules and the texts are those of click, on which MLflow's command is built: options in any order,
 * `--name value`, `--name=value`, `-n value`, `-nvalue`, `--` ends them, the last of a repeated option counts, long
 * names are never abbreviated, a usage error is told on stderr and exits with 2.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#define CLI_MAX_OPTIONS 48 /* per command */
#define CLI_MAX_LIST 64    /* values of one repeatable option */
#define CLI_GO_ON (-1)     /* what a parsing step returns when there is nothing to exit for */

typedef enum cli_kind {
    CLI_FLAG,   /* int, 1 when given */
    CLI_TEXT,   /* const char *, NULL when absent */
    CLI_CHOICE, /* const char *, one of `choices` ("a|b|c") */
    CLI_INT,    /* int, from `min` to `max` */
    CLI_SIZE,   /* size_t; "4096", "16K", "100M", "2G" (powers of 1024) */
    CLI_LIST,   /* cli_list of key=value */
    CLI_TEXTS,  /* cli_list of any text */
} cli_kind;

/** The values of a repeatable option, borrowed from argv. */
typedef struct cli_list {
    const char *item[CLI_MAX_LIST];
    int n;
} cli_list;

/** MLflow eras in which MLflow's own command has an option; with a forced profile the others are refused. */
enum { CLI_ERA_1 = 1, CLI_ERA_2 = 2, CLI_ERA_3 = 4 };

typedef struct cli_option {
    const char *name; /* long name without dashes */
    char letter;      /* 0: none */
    cli_kind kind;
    uint8_t is_required;
    uint8_t eras;         /* 0: all */
    const char *metavar;  /* what --help calls the value; unused for FLAG and CHOICE */
    const char *choices;  /* CHOICE only */
    const char *env;      /* variable that stands in for an absent option; NULL: none */
    const char *fallback; /* the default as it would be typed; NULL: none */
    int min, max;         /* INT only */
    size_t offset;        /* of the member in the command's own struct */
    const char *help;     /* sentences; wrapped by --help */
} cli_option;

/** All that --help and usage errors need to know about a command. */
typedef struct cli_usage {
    const char *words;         /* "models serve" */
    const char *sentence;      /* what it does, in one sentence */
    const char *more;          /* paragraphs below it; NULL: none. Lines are printed as they are */
    const cli_option *options; /* n_options rows */
    size_t n_options;
    const char *positional; /* what the one allowed argument is called, such as "MODEL"; NULL: none is allowed */
    size_t stands_for;      /* the row that the argument fills when its option is not given */
} cli_usage;

/** Which rows the command line itself set (an environment variable does not count). */
typedef struct cli_given {
    uint8_t row[CLI_MAX_OPTIONS];
} cli_given;

/**
 * Read argv into the members that the table names.
 *
 * usage     the command's table
 * argc/argv what follows the command's words; values are borrowed from argv
 * args      the command's own struct, cleared to zero by the caller; defaults are filled in
 * given     filled
 * returns   CLI_GO_ON; or the exit code: 0 after --help on stdout, 2 after a usage error on stderr
 */
int cli_parse(const cli_usage *usage, int argc, char **argv, void *args, cli_given *given);

/** Refuse options that MLflow's command of a forced era has not; `profile` is "auto", "1.x", "2.x" or "3.x". */
int cli_check_eras(const cli_usage *usage, const cli_given *given, const char *profile);

/** Tell a usage error of a command in click's form on stderr; returns 2. */
int cli_usage_error(const cli_usage *usage, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Print what --help prints. */
void cli_print_help(const cli_usage *usage);

/** The candidate nearest to a mistyped word, or NULL when none is near; `candidates` are borrowed. */
const char *cli_suggest(const char *word, const char *const *candidates, size_t n);

#endif
