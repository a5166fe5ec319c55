#include "worker/body.h"

void sv_wire_body_deinit(sv_wire_body *body)
{
    sv_buf_deinit(&body->own);
    sv_buf_deinit(&body->loans);
    body->n_bytes_lent = 0;
}

void sv_wire_body_lend(sv_wire_body *body, const void *p, size_t n)
{
    const sv_wire_loan loan = {.at = body->own.n, .p = p, .n = n};
    sv_buf_put(&body->loans, &loan, sizeof loan);
    body->n_bytes_lent += n;
}

savor_status sv_wire_body_check(const sv_wire_body *body, savor_error *err)
{
    savor_status st = sv_buf_check(&body->own, err);
    return st ? st : sv_buf_check(&body->loans, err);
}

size_t sv_wire_body_size(const sv_wire_body *body) { return body->own.n + body->n_bytes_lent; }

static sv_wire_loan get_loan(const sv_wire_body *body, size_t i)
{
    sv_wire_loan loan;
    memcpy(&loan, body->loans.p + i * sizeof loan, sizeof loan);
    return loan;
}

/* Own bytes up to a loan, the loan, own bytes up to the next one, ..., own bytes. */
bool sv_wire_body_next(const sv_wire_body *body, size_t *at, sv_str *out)
{
    size_t n_loans = body->loans.n / sizeof(sv_wire_loan), i = *at / 2;
    if (*at > 2 * n_loans)
        return false;
    if (*at % 2) {
        sv_wire_loan loan = get_loan(body, i);
        *out = (sv_str){loan.p, loan.n};
    } else {
        size_t begin = i ? get_loan(body, i - 1).at : 0, end = i < n_loans ? get_loan(body, i).at : body->own.n;
        *out = (sv_str){body->own.p ? body->own.p + begin : "", end - begin};
    }
    ++*at;
    return true;
}
