/*
 * dense_numpy.h: X @ W.T + b as numpy has it on an x86-64 processor with AVX2 and one thread, as an FNV-1a hash over
 * the bits of all sums of each number of features; made by tests/differential/dense_sums.py. numpy 1.23.5 (OpenBLAS
 * 0.3.20) and 2.4.6 (0.3.31) agree on all of them.
 */
#ifndef TESTS_UNIT_ENGINE_DENSE_NUMPY_H
#define TESTS_UNIT_ENGINE_DENSE_NUMPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static const size_t NUMPY_FEATURES[] = {1,  2,  3,  4,  5,  6,  7,  8,   9,   10,  11,  12,   13,
                                        14, 15, 16, 17, 18, 19, 20, 21,  22,  23,  24,  25,   26,
                                        27, 28, 29, 30, 31, 32, 33, 100, 257, 300, 700, 2100, 5003};
enum { NUMPY_MANY_ROWS = 30, NUMPY_FEATURES_OF_MANY = 100 };

static const struct {
    uint8_t n_rows, n_out;
    bool is_float32, by_columns;
    uint64_t hash;
} NUMPY_SUMS[] = {
    {1, 1, false, false, 0x6c1a68279e4eb66du},   {1, 1, false, true, 0x6c1a68279e4eb66du},
    {1, 1, true, false, 0x3061fea5f3423bc6u},    {1, 1, true, true, 0x3061fea5f3423bc6u},
    {2, 1, false, false, 0x69e3cd7c2d4e2f16u},   {2, 1, false, true, 0x71456e659361e91au},
    {2, 1, true, false, 0x275d3c3a971708d1u},    {2, 1, true, true, 0x3b76d2fba8b94873u},
    {3, 1, false, false, 0x2dd22df6c406dbf2u},   {3, 1, false, true, 0xdd3aa4160b1fe142u},
    {3, 1, true, false, 0xd54ef373368395d3u},    {3, 1, true, true, 0x2994bff213855294u},
    {4, 1, false, false, 0xbf7ca9a401640bf7u},   {4, 1, false, true, 0xe6fd6befed3c1b1bu},
    {4, 1, true, false, 0xf6a5398fc2d27bd7u},    {4, 1, true, true, 0x3fc457140b3219edu},
    {5, 1, false, false, 0x1c42a869e7900ed5u},   {5, 1, false, true, 0x05af3dc71e5a9d0du},
    {5, 1, true, false, 0xa3bbfc5b7ae6395du},    {5, 1, true, true, 0xd649692f0eaa9318u},
    {6, 1, false, false, 0x4dbb223fc590b152u},   {6, 1, false, true, 0x853eeb52eb643474u},
    {6, 1, true, false, 0x6838cad9534bb0a5u},    {6, 1, true, true, 0x2d869e06e5440c9bu},
    {7, 1, false, false, 0xbf05dec7a6341111u},   {7, 1, false, true, 0xb23d772e92940e40u},
    {7, 1, true, false, 0x4a02ad9487ddab3au},    {7, 1, true, true, 0x04e9c578a85efd2fu},
    {30, 1, false, false, 0x7acda29c06c66864u},  {30, 1, false, true, 0x9aed4e6b5b11b6a1u},
    {30, 1, true, false, 0x464682e462a5a3bdu},   {30, 1, true, true, 0xd492edc42b21a880u},
    {77, 1, false, false, 0x9f6b16c65e326d4au},  {77, 1, false, true, 0x65be89b124f47d14u},
    {77, 1, true, false, 0xa1053d5d67e88d60u},   {77, 1, true, true, 0x06edc3fbaa2485e2u},
    {200, 1, false, false, 0xe054ac28cfadf419u}, {200, 1, false, true, 0x2ce60f70dc5a6803u},
    {200, 1, true, false, 0xae5d5aaffe217090u},  {200, 1, true, true, 0x978c02707d55184eu},
    {1, 2, false, false, 0x5fa7f68a6fea80abu},   {1, 2, false, true, 0x034fd8843bfa7d40u},
    {1, 2, true, false, 0x00f72cfb2b1738a7u},    {1, 2, true, true, 0xa0f2a4ffc718ff0eu},
    {1, 3, false, false, 0x528c8594e2ee070fu},   {1, 3, false, true, 0x4ed87f0241069f75u},
    {1, 3, true, false, 0xd44c5f29cdf0f15bu},    {1, 3, true, true, 0x522d64b145b3addeu},
    {1, 5, false, false, 0xfb890209143fa48fu},   {1, 5, false, true, 0x545c019af650d897u},
    {1, 5, true, false, 0x28aba9f4058fdbf9u},    {1, 5, true, true, 0x2f2f96cea73489e9u},
    {1, 6, false, false, 0xc68a3ca9ae01f501u},   {1, 6, false, true, 0x6f8dc295e2281304u},
    {1, 6, true, false, 0x596952add0849a52u},    {1, 6, true, true, 0x8a923f36f14d5284u},
    {2, 3, false, false, 0x8055a1ea0cc80e7eu},   {2, 3, false, true, 0x8055a1ea0cc80e7eu},
    {2, 3, true, false, 0x4f0e3d6faec86d05u},    {2, 3, true, true, 0x4f0e3d6faec86d05u},
    {9, 3, false, false, 0xbe4712cd25a6c5f2u},   {9, 3, false, true, 0xbe4712cd25a6c5f2u},
    {9, 3, true, false, 0xb78d069794d060d1u},    {9, 3, true, true, 0xb78d069794d060d1u},
    {200, 3, false, false, 0x9b1f0c00c27ddddcu}, {200, 3, false, true, 0x9b1f0c00c27ddddcu},
    {200, 3, true, false, 0xd3d75dd8334d5f3au},  {200, 3, true, true, 0xd3d75dd8334d5f3au},
    {3, 6, false, false, 0x4a4611dd7cb81740u},   {3, 6, false, true, 0x4a4611dd7cb81740u},
    {3, 6, true, false, 0x793a3070c959b1d6u},    {3, 6, true, true, 0x793a3070c959b1d6u},
    {5, 7, false, false, 0x0e156b52b2711ebau},   {5, 7, false, true, 0x0e156b52b2711ebau},
    {5, 7, true, false, 0x5ad15c7e552e7ec5u},    {5, 7, true, true, 0x5ad15c7e552e7ec5u},
    {9, 5, false, false, 0xdfea0ba15a90ad0eu},   {9, 5, false, true, 0xdfea0ba15a90ad0eu},
    {9, 5, true, false, 0x500de14dae7dea3bu},    {9, 5, true, true, 0x500de14dae7dea3bu},
    {2, 8, false, false, 0x5ff392f2292ac425u},   {2, 8, false, true, 0x5ff392f2292ac425u},
    {2, 8, true, false, 0xb44e1651ec618aceu},    {2, 8, true, true, 0xb44e1651ec618aceu},
    {3, 9, false, false, 0x6bc3b84d58c002fau},   {3, 9, false, true, 0x6bc3b84d58c002fau},
    {3, 9, true, false, 0x98ea75c751527876u},    {3, 9, true, true, 0x98ea75c751527876u},
    {3, 17, false, false, 0x31677ae233ab259du},  {3, 17, false, true, 0x31677ae233ab259du},
    {3, 17, true, false, 0xc887d07f8bc72b46u},   {3, 17, true, true, 0xc887d07f8bc72b46u},
    {4, 8, false, false, 0x103df05877ff86f9u},   {4, 8, false, true, 0x103df05877ff86f9u},
    {7, 17, false, false, 0xe28d07b3b0dcc0e4u},  {7, 17, false, true, 0xe28d07b3b0dcc0e4u},
    {8, 16, false, false, 0x32c40838856b2222u},  {8, 16, false, true, 0x32c40838856b2222u},
    {9, 20, false, false, 0xc32dbeee864c8dc2u},  {9, 20, false, true, 0xc32dbeee864c8dc2u},
    {30, 33, false, false, 0xa1975c5566050fedu}, {30, 33, false, true, 0xa1975c5566050fedu},
};

#endif
