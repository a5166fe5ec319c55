#!/usr/bin/env python3
"""Prints tests/unit/engine/dense_numpy.h: hashes of X @ W.T + b as numpy has them, over inputs that dense_test.c makes too.

    OPENBLAS_CORETYPE=Haswell OPENBLAS_NUM_THREADS=1 dense_sums.py > ../unit/engine/dense_numpy.h

By hand, in an environment with numpy. Each kernel of OpenBLAS adds up in an order of its own: so there is a line for each
number of rows and outputs that one of them takes, with the rows' cells side by side and with those of the columns.
"""
import numpy as np

FEATURES = [*range(1, 34), 100, 257, 300, 700, 2100, 5003]
MANY_ROWS, FEATURES_OF_MANY = 30, 100  # no more features than that for more rows than that
SHAPES = [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (30, 1), (77, 1), (200, 1), (1, 2), (1, 3), (1, 5), (1, 6),
          (2, 3), (9, 3), (200, 3), (3, 6), (5, 7), (9, 5), (2, 8), (3, 9), (3, 17), (4, 8), (7, 17), (8, 16), (9, 20), (30, 33)]
HEAD = '''/*
 * dense_numpy.h: X @ W.T + b as numpy has it on an x86-64 processor with AVX2 and one thread, as an FNV-1a hash over the
 * bits of all sums of each number of features; made by tests/differential/dense_sums.py. numpy 1.23.5 (OpenBLAS 0.3.20)
 * and 2.4.6 (0.3.31) agree on all of them.
 */
#ifndef TESTS_UNIT_ENGINE_DENSE_NUMPY_H
#define TESTS_UNIT_ENGINE_DENSE_NUMPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
'''


def numbers(state, n):
    """The next n numbers of dense_test.c's generator, and its state behind them."""
    with np.errstate(over="ignore"):
        z = np.uint64(state) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        end = int(z[-1])
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0, end


def sums(n_in, n_rows, n_out, dtype, by_columns):
    rows, state = numbers(n_in * 1000003 + n_rows * 1009 + n_out, n_rows * n_in)
    weights, state = numbers(state, n_out * n_in)
    bias, state = numbers(state, n_out)
    x, w = rows.astype(dtype).reshape(n_rows, n_in), weights.astype(dtype).reshape(n_out, n_in)
    if by_columns:  # of one row the weights are those that are held so
        x, w = (np.asfortranarray(x), w) if n_rows > 1 else (x, np.asfortranarray(w))
    product = (x @ w[0])[:, None] if n_out == 1 else x @ w.T
    return product + bias.astype(dtype)


def main():
    print(HEAD)
    print("static const size_t NUMPY_FEATURES[] = {%s};" % ", ".join(map(str, FEATURES)))
    print("enum { NUMPY_MANY_ROWS = %d, NUMPY_FEATURES_OF_MANY = %d };\n" % (MANY_ROWS, FEATURES_OF_MANY))
    print("static const struct {\n    uint8_t n_rows, n_out;\n    bool is_float32, by_columns;\n    uint64_t hash;\n} NUMPY_SUMS[] = {")
    for n_rows, n_out in SHAPES:
        is_large = n_rows >= 4 and n_out >= 8  # whose float32 is not known
        for dtype in (np.float64,) if is_large else (np.float64, np.float32):
            for by_columns in (False, True):
                state = 0xCBF29CE484222325
                for n_in in FEATURES:
                    if n_rows > MANY_ROWS and n_in > FEATURES_OF_MANY:
                        continue
                    answer = sums(n_in, n_rows, n_out, dtype, by_columns).ravel()
                    for bits in answer.view(np.uint64 if dtype == np.float64 else np.uint32).tolist():
                        state = (state ^ bits) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
                print("    {%d, %d, %s, %s, 0x%016xu}," % (n_rows, n_out, str(dtype == np.float32).lower(),
                                                        str(by_columns).lower(), state))
    print("};\n\n#endif")


if __name__ == "__main__":
    main()
