#include "engine/select.h"

#include <stdbool.h>

#define INSERTION_MOST 16 /* as many are sorted by insertion */
#define NETWORK_MOST 256  /* as many by a network */

static bool is_less(double a, double b) { return a < b || (b != b && a == a); }

static bool below(const double *values, const size_t *order, size_t a, size_t b)
{
    return is_less(values[order[a]], values[order[b]]);
}

static void swap(size_t *order, size_t a, size_t b)
{
    size_t moved = order[a];
    order[a] = order[b];
    order[b] = moved;
}

static void swap_if_below(const double *values, size_t *order, size_t a, size_t b)
{
    if (below(values, order, a, b))
        swap(order, a, b);
}

static int depth_of(size_t n)
{
    int depth = 0;
    while (n >>= 1)
        depth++;
    return 2 * depth;
}

/* ---- selecting ---- */

/* The first k in order, each looked for among all that are left. */
static void select_few(const double *values, size_t *order, size_t n, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < n; j++)
            if (below(values, order, j, least))
                least = j;
        swap(order, i, least);
    }
}

/* The median of three goes to `low`, the least of them behind it. */
static void place_median3(const double *values, size_t *order, size_t low, size_t mid, size_t high)
{
    swap_if_below(values, order, high, mid);
    swap_if_below(values, order, high, low);
    swap_if_below(values, order, low, mid);
    swap(order, mid, low + 1);
}

static size_t median_of_five(const double *values, size_t *order)
{
    swap_if_below(values, order, 1, 0);
    swap_if_below(values, order, 4, 3);
    swap_if_below(values, order, 3, 0);
    swap_if_below(values, order, 4, 1);
    swap_if_below(values, order, 2, 1);
    if (below(values, order, 3, 2))
        return below(values, order, 3, 1) ? 1 : 3;
    return 2;
}

static void select_range(const double *values, size_t *order, size_t n, size_t kth);

/* The median of the medians of fives: a pivot that always makes progress. */
static size_t median_of_medians(const double *values, size_t *order, size_t n)
{
    size_t n_fives = n / 5;
    for (size_t i = 0; i < n_fives; i++)
        swap(order, 5 * i + median_of_five(values, order + 5 * i), i);
    if (n_fives > 2)
        select_range(values, order, n_fives, n_fives / 2);
    return n_fives / 2;
}

/* From both ends towards each other: what stands before the pivot stays at or below it. */
static void part(const double *values, size_t *order, double pivot, size_t *low, size_t *high)
{
    for (;;) {
        do
            ++*low;
        while (is_less(values[order[*low]], pivot));
        do
            --*high;
        while (is_less(pivot, values[order[*high]]));
        if (*high < *low)
            return;
        swap(order, *low, *high);
    }
}

/* kth counts from 0. Each turn halves at least a fifth, so the calls within are few. */
static void select_range(const double *values, size_t *order, size_t n, size_t kth)
{
    size_t low = 0, high = n - 1;
    int depth = depth_of(n);
    if (kth < 3) {
        select_few(values, order, n, kth + 1);
        return;
    }
    if (kth == n - 1) { /* the greatest, the last of equals */
        size_t greatest = 0;
        for (size_t i = 1; i < n; i++)
            if (!below(values, order, i, greatest))
                greatest = i;
        swap(order, kth, greatest);
        return;
    }
    while (low + 1 < high) {
        size_t begin = low + 1, end = high;
        if (depth-- > 0 || end - begin < 5) {
            place_median3(values, order, low, low + (high - low) / 2, high);
        } else {
            swap(order, begin + median_of_medians(values, order + begin, end - begin), low);
            begin--; /* nothing is known of the ends */
            end++;
        }
        part(values, order, values[order[low]], &begin, &end);
        swap(order, low, end);
        if (end >= kth)
            high = end - 1;
        if (end <= kth)
            low = begin;
    }
    if (high == low + 1)
        swap_if_below(values, order, high, low);
}

/* ---- sorting ---- */

static void sort_by_insertion(const double *values, size_t *order, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        size_t moved = order[i], to = i;
        for (; to > 0 && is_less(values[moved], values[order[to - 1]]); to--)
            order[to] = order[to - 1];
        order[to] = moved;
    }
}

static void sift(const double *values, size_t *order, size_t at, size_t n)
{
    size_t moved = order[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && below(values, order, child, child + 1);
        if (!is_less(values[moved], values[order[child]]))
            break;
        order[at] = order[child];
    }
    order[at] = moved;
}

static void sort_by_heap(const double *values, size_t *order, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(values, order, i, n);
    for (size_t last = n; last-- > 1;) {
        swap(order, 0, last);
        sift(values, order, 0, last);
    }
}

/* The place of a pivot from the middle; what is not above it comes before. */
static size_t cut(const double *values, size_t *order, size_t n)
{
    size_t mid = (n - 1) / 2, last = n - 1, i = 0, j = last - 1;
    swap_if_below(values, order, mid, 0);
    swap_if_below(values, order, last, mid);
    swap_if_below(values, order, mid, 0);
    double pivot = values[order[mid]];
    swap(order, mid, j);
    for (;;) {
        do
            i++;
        while (is_less(values[order[i]], pivot));
        do
            j--;
        while (is_less(pivot, values[order[j]]));
        if (i >= j)
            break;
        swap(order, i, j);
    }
    swap(order, i, last - 1);
    return i;
}

/* The greater part is left for the loop: calls within are as many as a number has bits. */
static void sort_range(const double *values, size_t *order, size_t n, int depth)
{
    while (n > INSERTION_MOST) {
        if (depth-- < 0) {
            sort_by_heap(values, order, n);
            return;
        }
        size_t at = cut(values, order, n), after = n - at - 1;
        if (at < after) {
            sort_range(values, order, at, depth);
            order += at + 1;
            n = after;
        } else {
            sort_range(values, order + at + 1, after, depth);
            n = at;
        }
    }
    sort_by_insertion(values, order, n);
}

/* ---- a network ---- */

static bool has_nan(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] != values[i])
            return true;
    return false;
}

static bool fits_network(sv_select_way way, const double *values, size_t n)
{
    return way == SV_SELECT_NUMPY_2 && n <= NETWORK_MOST && !has_nan(values, n);
}

/* What lies beyond the end is above all and stays there. */
static void exchange(const double *values, size_t *order, size_t n, size_t a, size_t b)
{
    if (b < n)
        swap_if_below(values, order, b, a);
}

/* A bitonic sorter: blocks of twice the size, in each the halves against each other, the second one turned, then
 * ever nearer neighbors. */
static void sort_by_network(const double *values, size_t *order, size_t n)
{
    for (size_t size = 2; size / 2 < n; size *= 2) {
        for (size_t i = 0; i < n; i++)
            if (i % size < size / 2)
                exchange(values, order, n, i, i - i % size + size - 1 - i % size);
        for (size_t step = size / 4; step > 0; step /= 2)
            for (size_t i = 0; i < n; i++)
                if (i % (2 * step) < step)
                    exchange(values, order, n, i, i + step);
    }
}

/* ---- with NaN ---- */

/* The median of what lies behind `low`, in the middle and at the end goes to `low`. */
static void place_median(const double *values, size_t *order, size_t low, size_t mid, size_t last)
{
    size_t a = low + 1, median;
    if (below(values, order, a, mid))
        median = below(values, order, mid, last) ? mid : below(values, order, a, last) ? last : a;
    else
        median = below(values, order, a, last) ? a : below(values, order, mid, last) ? last : mid;
    swap(order, low, median);
}

/* Where the upper part of low + 1 ... begins, by the pivot at `low`. */
static size_t part_at(const double *values, size_t *order, size_t low, size_t end)
{
    size_t i = low + 1, j = end;
    double pivot = values[order[low]];
    for (;; i++) {
        while (is_less(values[order[i]], pivot))
            i++;
        do
            j--;
        while (is_less(pivot, values[order[j]]));
        if (i >= j)
            return i;
        swap(order, i, j);
    }
}

/* A heap of the least, the greatest of them on top. */
static void select_by_heap(const double *values, size_t *order, size_t n, size_t kth)
{
    for (size_t i = (kth + 1) / 2; i-- > 0;)
        sift(values, order, i, kth + 1);
    for (size_t i = kth + 1; i < n; i++)
        if (below(values, order, i, 0)) {
            swap(order, i, 0);
            sift(values, order, 0, kth + 1);
        }
    swap(order, 0, kth);
}

/* std::nth_element, to which numpy 2 leaves numbers with NaN among them. */
static void select_nth(const double *values, size_t *order, size_t n, size_t kth)
{
    size_t low = 0, end = n;
    for (int depth = depth_of(n); end - low > 3; depth--) {
        if (depth == 0) {
            select_by_heap(values, order + low, end - low, kth - low);
            return;
        }
        place_median(values, order, low, low + (end - low) / 2, end - 1);
        size_t at = part_at(values, order, low, end);
        if (at <= kth)
            low = at;
        else
            end = at;
    }
    sort_by_insertion(values, order + low, end - low);
}

void sv_arg_select(sv_select_way way, const double *values, size_t n, size_t k, size_t *order)
{
    if (fits_network(way, values, n))
        sort_by_network(values, order, n);
    else if (way == SV_SELECT_NUMPY_2 && has_nan(values, n))
        select_nth(values, order, n, k - 1);
    else
        select_range(values, order, n, k - 1);
}

void sv_arg_sort(sv_select_way way, const double *values, size_t *order, size_t n)
{
    if (fits_network(way, values, n))
        sort_by_network(values, order, n);
    else
        sort_range(values, order, n, depth_of(n));
}
