/* stray.h: what workers started and left behind. */
#ifndef SV_WORKER_STRAY_H
#define SV_WORKER_STRAY_H

/**
 * Kill every process whose environment, when it was started, had TMPDIR=`folder`.
 *
 * Ending a worker ends its session; a server of a model's own, such as H2O's or Spark's, may have left that session.
 * It is still known by the private folder that it was given.
 *
 * folder   a pool's private folder; no other program was started with its name
 */
void sv_stray_kill(const char *folder);

#endif
