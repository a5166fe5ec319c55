/* connection_bytes_priv.h: the two buffers of a connection; connection.c decides when they are filled and emptied. */
#ifndef SV_SERVE_CONNECTION_BYTES_PRIV_H
#define SV_SERVE_CONNECTION_BYTES_PRIV_H

#include "serve/connection_priv.h"

/** One recv behind what is there. False when there is nothing new, or when the connection broke. */
bool sv_conn_fill(sv_conn *c, sv_worker *w);

/** Keep what is left from `at` on in memory of its own, with room for more; false when there is none to be had. */
bool sv_conn_own_input(sv_conn *c, sv_worker *w);

/** Forget the input and give back its memory. */
void sv_conn_release_input(sv_conn *c, sv_worker *w);

/** Send the worker's answers; false when some are left over, then kept, or when the connection broke. */
bool sv_conn_flush(sv_conn *c, sv_worker *w);

#endif
