/* select_test.c: the order that numpy leaves of the least, and of all, where many are equal. */
#include "unit/test.h"

#include "engine/select.h"

#include <math.h>

#define N_MOST 5000

typedef enum shape {
    SQUARES, /* (7 i^2 + 3 i) % top */
    STAIRS,
    ROOF,
    KILLER, /* of which the median of three is nearly the least, again and again */
    GAPS,   /* SQUARES, and each eleventh is NaN */
} shape;

static void make(shape kind, size_t n, size_t top, double *out)
{
    for (size_t i = 0; i < n; i++)
        switch (kind) {
        case SQUARES:
        case GAPS:
            out[i] = kind == GAPS && i % 11 == 10 ? (double)NAN : (double)((i * i * 7 + 3 * i) % top);
            break;
        case STAIRS:
            out[i] = (double)(i / 3);
            break;
        case ROOF:
            out[i] = (double)(i < n - 1 - i ? i : n - 1 - i);
            break;
        case KILLER:
            out[i] = (double)(i % 2 ? (n + 1) / 2 + i / 2 + 1 : i / 2 + 1);
            break;
        }
}

static uint64_t digest(const size_t *order, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = sum * 1000003 + order[i];
    return sum;
}

/* numpy 1.23.5; numpy 2.4.6 with AVX2 and with AVX-512. */
static void test_numpy(void **state)
{
    static const struct {
        sv_select_way way;
        shape kind;
        size_t n, top, k;
        uint64_t partitioned, sorted;
    } ROWS[] = {
        {SV_SELECT_NUMPY_1, SQUARES, 1, 3, 1, 0x0000000000000000u, 0x0000000000000000u},
        {SV_SELECT_NUMPY_1, SQUARES, 2, 1, 1, 0x0000000000000001u, 0x0000000000000001u},
        {SV_SELECT_NUMPY_1, SQUARES, 7, 3, 2, 0xec4c4122e027058fu, 0xf5aa792aa1dbd57du},
        {SV_SELECT_NUMPY_1, SQUARES, 20, 4, 6, 0x6a4c79c3f2893040u, 0x65749587d51941a8u},
        {SV_SELECT_NUMPY_1, SQUARES, 40, 5, 9, 0xa1444bf6da14a794u, 0x73e3848aec0af93au},
        {SV_SELECT_NUMPY_1, SQUARES, 40, 9, 40, 0xa2f41423bbb19836u, 0xbf50e0a1bd906548u},
        {SV_SELECT_NUMPY_1, SQUARES, 100, 7, 33, 0x7644561ddb5cd05eu, 0x636f4162b6a91478u},
        {SV_SELECT_NUMPY_1, SQUARES, 256, 31, 17, 0xa1904104bb7a2f70u, 0x5e8ec3195df228c4u},
        {SV_SELECT_NUMPY_1, STAIRS, 60, 1, 30, 0xbff266f4b494eeb0u, 0x796bc4c05092863au},
        {SV_SELECT_NUMPY_1, ROOF, 90, 1, 50, 0x7b619bc364e19d89u, 0x4d865474efbe57c1u},
        {SV_SELECT_NUMPY_1, KILLER, 200, 1, 120, 0x78aac6defa5deff4u, 0x3ebbeb11438bb0b0u},
        {SV_SELECT_NUMPY_1, SQUARES, 1000, 13, 300, 0x27eff66e74dfaa9au, 0x381c10338c24c4acu},
        {SV_SELECT_NUMPY_1, KILLER, 1500, 1, 700, 0x6dd9404a5a002cc4u, 0xebc5803e13af6de8u},
        {SV_SELECT_NUMPY_1, KILLER, 5000, 1, 2499, 0x616991630c8c93a4u, 0xc3da850ba8dde130u},
        {SV_SELECT_NUMPY_1, GAPS, 40, 5, 20, 0x7372d208a9001fb8u, 0x16569b33063de706u},
        {SV_SELECT_NUMPY_1, GAPS, 500, 17, 450, 0xf37634a48b7e9518u, 0x7b98f03cd7435946u},
        {SV_SELECT_NUMPY_2, SQUARES, 1, 3, 1, 0x0000000000000000u, 0x0000000000000000u},
        {SV_SELECT_NUMPY_2, SQUARES, 2, 1, 1, 0x0000000000000001u, 0x0000000000000001u},
        {SV_SELECT_NUMPY_2, SQUARES, 7, 3, 2, 0xf5aa792aa1dbd57du, 0xf5aa792aa1dbd57du},
        {SV_SELECT_NUMPY_2, SQUARES, 20, 4, 6, 0xf144412a0cafaa28u, 0xf144412a0cafaa28u},
        {SV_SELECT_NUMPY_2, SQUARES, 40, 5, 9, 0xa4c81e680c34cb24u, 0xa4c81e680c34cb24u},
        {SV_SELECT_NUMPY_2, SQUARES, 40, 9, 40, 0x86f7af03a4d22736u, 0x86f7af03a4d22736u},
        {SV_SELECT_NUMPY_2, SQUARES, 100, 7, 33, 0x9073a8d5d28f3250u, 0x9073a8d5d28f3250u},
        {SV_SELECT_NUMPY_2, SQUARES, 256, 31, 17, 0x6457c0b9b05f6716u, 0x6457c0b9b05f6716u},
        {SV_SELECT_NUMPY_2, STAIRS, 60, 1, 30, 0x57341bb73ef8a34eu, 0x57341bb73ef8a34eu},
        {SV_SELECT_NUMPY_2, ROOF, 90, 1, 50, 0x7097c878e08b6069u, 0x7097c878e08b6069u},
        {SV_SELECT_NUMPY_2, KILLER, 200, 1, 120, 0x3ebbeb11438bb0b0u, 0x3ebbeb11438bb0b0u},
        {SV_SELECT_NUMPY_2, SQUARES, 250, 2, 100, 0x514ae45cade5d7ddu, 0x514ae45cade5d7ddu},
    };
    static double values[N_MOST];
    static size_t order[N_MOST];
    (void)state;
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
        size_t n = ROWS[r].n;
        make(ROWS[r].kind, n, ROWS[r].top, values);
        for (size_t i = 0; i < n; i++)
            order[i] = i;
        sv_arg_select(ROWS[r].way, values, n, ROWS[r].k, order);
        if (digest(order, n) != ROWS[r].partitioned)
            fail_msg("row %zu: selected in another order", r);
        for (size_t i = 0; i < n; i++)
            order[i] = i;
        sv_arg_sort(ROWS[r].way, values, order, n);
        if (digest(order, n) != ROWS[r].sorted)
            fail_msg("row %zu: sorted in another order", r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numpy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
