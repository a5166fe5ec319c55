/*
 * r_launch.h: how R is started. Rscript is a program that runs a shell script that runs R, with the help of others; a
 * strict sandbox has none of them, so there R itself is run, with what the script would have set. R asks a shell for
 * a program when it loads its package utils, and stops without one: strict has the shell, which can start nothing.
 */
#ifndef SV_WORKER_R_LAUNCH_H
#define SV_WORKER_R_LAUNCH_H

#include "base/arena.h"
#include "worker/process.h"

/**
 * Fill in how worker processes of R start: `interpreter` and `launch`.
 *
 * rscript   a path, or a name to look for in PATH; NULL or "": "Rscript"
 * options   `program` and `sandbox` are read; what is filled in is borrowed from the arena
 * Errors    NOT_FOUND (no Rscript; strict: no R that belongs to it), LIMIT, NOMEM
 */
savor_status sv_r_launch(const char *rscript, sv_arena *arena, sv_process_options *options,
                         savor_error *err) SAVOR_MUST_CHECK;

#endif
