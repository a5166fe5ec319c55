/*
 * pool_priv.h: what the two halves of a pool share: pool.c, whose functions are called by whoever has a request, and
 * keeper.c, the one thread that starts workers, reads what they print, and takes away the dead.
 */
#ifndef SV_WORKER_POOL_PRIV_H
#define SV_WORKER_POOL_PRIV_H

#include "worker/channel.h"
#include "worker/parent.h"
#include "worker/pool.h"

#include <pthread.h>

#define SV_WORKER_LINE_BYTES 2048
#define SV_WORKER_WORDS_BYTES 300
#define SV_WORKER_LOADS_MAX 3 /* failures to load in a row, after which nobody waits for the next try */

typedef enum sv_worker_state {
    SV_WORKER_ABSENT,   /* to be started when its time has come */
    SV_WORKER_STARTING, /* the keeper waits for its first message */
    SV_WORKER_IDLE,     /* may be taken by a call; a parent: may be asked to fork */
    SV_WORKER_TAKEN,    /* a call's own; nobody else touches its socket */
    SV_WORKER_DOOMED,   /* for the keeper to end */
} sv_worker_state;

typedef struct sv_worker_slot {
    sv_worker_state state;
    sv_process process;
    sv_channel channel;  /* on the process's socket */
    int64_t start_at_ms; /* not before */
    int64_t give_up_ms;  /* STARTING: how long its model may take to load */
    int n_failures;      /* ends since the last answer */
    int n_load_failures; /* of them, in a row before the model was loaded */
    uint64_t n_calls;
    size_t n_line; /* of a line that is not complete */
    char line[SV_WORKER_LINE_BYTES];
    char words[SV_WORKER_WORDS_BYTES]; /* its last line, NUL-terminated: why it died */
} sv_worker_slot;

#define SV_POISON_SLOTS 16

/** A request that ended two workers: refused for a while, so that its sender cannot keep the model from others. */
typedef struct sv_poison {
    uint64_t hash;
    size_t n_bytes;
    int64_t until_ms;
} sv_poison;

struct sv_pool {
    sv_pool_options options;
    pthread_mutex_t lock;   /* of all below */
    pthread_cond_t changed; /* a worker became idle, or failed to start */
    sv_worker_slot *slots;  /* [options.n_workers] */
    sv_worker_slot parent;  /* while `forks`: what has loaded the model for all of them */
    bool forks;             /* workers are forked from the parent; else each loads the model */
    uint64_t n_forks;       /* asked for, ever */
    int n_reaps;            /* ends of forked workers that the parent has been asked for */
    pthread_t keeper;
    bool has_keeper, is_ending;
    int wake_fd;
    int n_waiting;
    uint64_t n_ready_ever;  /* workers that have loaded the model so far */
    savor_error load_error; /* of the newest worker that failed to load */
    uint64_t n_load_failures;
    uint64_t next_id;
    sv_poison poisons[SV_POISON_SLOTS]; /* used in turn */
    unsigned n_poisons;                 /* ever */
    char facts[200];
    char *interpreter; /* its absolute path */
    char folder[64];   /* the private folder */
};

/** The keeper's thread; `pool` is its argument. */
void *sv_keeper_run(void *pool);

/** Let the keeper look again. */
void sv_keeper_wake(sv_pool *pool);

#endif
