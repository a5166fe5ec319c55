/*
 * deadline_priv.h: which connection has waited too long. One list per phase: all in a list have the same limit, so
 * the order of filing is the order of the deadlines, and everything is O(1).
 */
#ifndef SV_SERVE_DEADLINE_PRIV_H
#define SV_SERVE_DEADLINE_PRIV_H

#include "serve/connection_priv.h"

typedef struct sv_deadlines {
    sv_conn *first[SV_N_PHASES], *last[SV_N_PHASES];
    int limit_ms[SV_N_PHASES]; /* may be changed at any time */
} sv_deadlines;

/** Put a connection at the end of its phase's list, out of the list that it was in. */
void sv_deadlines_file(sv_deadlines *lists, sv_conn *conn, int64_t now_ms);

/** Take a connection out of its list, if it is in one. */
void sv_deadlines_remove(sv_deadlines *lists, sv_conn *conn);

/** Milliseconds until the next limit is over, 0 if one is; -1 when there is none. */
int64_t sv_deadlines_next_ms(const sv_deadlines *lists, int64_t now_ms);

/** A connection whose limit is over, or NULL. It stays in its list. */
sv_conn *sv_deadlines_find_expired(const sv_deadlines *lists, int64_t now_ms);

#endif
