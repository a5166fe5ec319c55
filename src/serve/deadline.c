#include "serve/deadline_priv.h"

void sv_deadlines_remove(sv_deadlines *lists, sv_conn *conn)
{
    sv_phase phase = conn->filed_phase;
    if (phase == SV_PHASE_CLOSED)
        return;
    if (conn->before)
        conn->before->behind = conn->behind;
    else
        lists->first[phase] = conn->behind;
    if (conn->behind)
        conn->behind->before = conn->before;
    else
        lists->last[phase] = conn->before;
    conn->before = conn->behind = NULL;
    conn->filed_phase = SV_PHASE_CLOSED;
}

void sv_deadlines_file(sv_deadlines *lists, sv_conn *conn, int64_t now_ms)
{
    sv_deadlines_remove(lists, conn);
    conn->filed_ms = now_ms;
    if (conn->phase == SV_PHASE_CLOSED)
        return;
    sv_phase phase = conn->filed_phase = conn->phase;
    conn->before = lists->last[phase];
    if (conn->before)
        conn->before->behind = conn;
    else
        lists->first[phase] = conn;
    lists->last[phase] = conn;
}

int64_t sv_deadlines_next_ms(const sv_deadlines *lists, int64_t now_ms)
{
    int64_t next = -1;
    for (int phase = 0; phase < SV_PHASE_CLOSED; phase++) {
        const sv_conn *first = lists->first[phase];
        if (!first)
            continue;
        int64_t left = first->filed_ms + lists->limit_ms[phase] - now_ms;
        left = left < 0 ? 0 : left;
        next = next < 0 || left < next ? left : next;
    }
    return next;
}

sv_conn *sv_deadlines_find_expired(const sv_deadlines *lists, int64_t now_ms)
{
    for (int phase = 0; phase < SV_PHASE_CLOSED; phase++) {
        sv_conn *first = lists->first[phase];
        if (first && first->filed_ms + lists->limit_ms[phase] <= now_ms)
            return first;
    }
    return NULL;
}
