/*
 * dense_numpy.h: X @ W.T + b as numpy gave it on an x86-64 processor with AVX2, as an FNV-1a hash over the bits of
 * all sums. The inputs are made by the generator in dense_test.c, seeded by the shape. numpy 1.23.5 (OpenBLAS 0.3.20)
 * and 2.4.6 (0.3.30) agree on each but where there are several outputs and 32 features or more: there 1.23.5's
 * counts.
 *
 * Not here are one row, two rows and one output, and a number of rows that four does not divide with one output:
 * there both add some shapes in an order of their own.
 */
#ifndef TESTS_UNIT_ENGINE_DENSE_NUMPY_H
#define TESTS_UNIT_ENGINE_DENSE_NUMPY_H

#include <stdint.h>

static const struct {
    uint8_t n_in, n_rows, n_out;
    uint64_t hash;
} NUMPY_SUMS[] = {
    {1, 4, 1, 0x5440c0c980b78844u},    {2, 4, 1, 0xaa3c9d3f19019994u},     {3, 4, 1, 0xe155e7ddeb42922au},
    {4, 4, 1, 0x70121e99ef1ecf25u},    {5, 4, 1, 0x14b73e0fe7bb5735u},     {6, 4, 1, 0x693f4a7fe5e1b12au},
    {7, 4, 1, 0x5c1d05a83d50bac7u},    {8, 4, 1, 0x791e1be6e949b84au},     {9, 4, 1, 0x7ee6266bf8806383u},
    {10, 4, 1, 0xf9a07bcb4fe6a874u},   {11, 4, 1, 0x82ca8ad9f24904eeu},    {12, 4, 1, 0xfc7e83ed4d734823u},
    {13, 4, 1, 0x953ecef9546441cdu},   {14, 4, 1, 0x1b9ac2b8f55b00e0u},    {15, 4, 1, 0xf7b43a25877c804cu},
    {16, 4, 1, 0x5c6f51b3582a9b34u},   {17, 4, 1, 0xef4251316926e44au},    {18, 4, 1, 0x14609afe39a8d5edu},
    {19, 4, 1, 0xa5488b714fa6bc9fu},   {20, 4, 1, 0xade25c9e4fa1f2edu},    {21, 4, 1, 0x68c5bc8d4ffee0c0u},
    {22, 4, 1, 0x8914b65c0ef679ffu},   {23, 4, 1, 0x0a2c5e15f3019194u},    {24, 4, 1, 0x613d7eaf838a91a0u},
    {25, 4, 1, 0xbd1e6338deb54f0du},   {26, 4, 1, 0x1eea467014dbe577u},    {27, 4, 1, 0xd2cc362a9ca42b10u},
    {28, 4, 1, 0x0730880571a5cb8du},   {29, 4, 1, 0x712c8f7438cdd97au},    {30, 4, 1, 0x7f4c35ccde9c396bu},
    {31, 4, 1, 0x8da5100df3687eb4u},   {32, 4, 1, 0x3cd4ba5f91bbdc1cu},    {33, 4, 1, 0xe94f7b4b682deaadu},
    {100, 4, 1, 0x87de427d4ba47993u},  {1, 200, 1, 0xdb7705bfb00e5178u},   {2, 200, 1, 0xdb981e69eaaa74d9u},
    {3, 200, 1, 0x8e2cf46d5eaa362du},  {4, 200, 1, 0xf7000ab669b611f4u},   {5, 200, 1, 0x21da88ac96067874u},
    {6, 200, 1, 0x9c1b2cc55a67d13cu},  {7, 200, 1, 0x7f55f2e7216d9225u},   {8, 200, 1, 0xebf81e6b6e1fd299u},
    {9, 200, 1, 0x0e4f4dd7a74953f7u},  {10, 200, 1, 0xc9ea44363662b84du},  {11, 200, 1, 0xbab34e4e4d45b63bu},
    {12, 200, 1, 0x1cff01e426f2ee33u}, {13, 200, 1, 0xf097c8ace37d04ebu},  {14, 200, 1, 0x58d4a8ab6d9dfe71u},
    {15, 200, 1, 0x471dc40eb8c6223au}, {16, 200, 1, 0xd9f3f0155a1e6544u},  {17, 200, 1, 0x3a9790d54cbfc66eu},
    {18, 200, 1, 0x26c50e968fd5dc97u}, {19, 200, 1, 0xaafeef891d740d31u},  {20, 200, 1, 0x652d1cb6e97a8d5du},
    {21, 200, 1, 0x1b3fc054f8b323a9u}, {22, 200, 1, 0x64285dddc7e088cfu},  {23, 200, 1, 0x54709ac1968221b6u},
    {24, 200, 1, 0x2bfbc42cecb182bfu}, {25, 200, 1, 0x4c63d3f3baf0f0d4u},  {26, 200, 1, 0x9ab44edeb51f869fu},
    {27, 200, 1, 0x3c63b56b67333ac1u}, {28, 200, 1, 0x75cc44827669b33cu},  {29, 200, 1, 0x3179842876390671u},
    {30, 200, 1, 0x0fc778031c913dedu}, {31, 200, 1, 0xb42b88024d0d857fu},  {32, 200, 1, 0x4e2b800301641b7au},
    {33, 200, 1, 0x2f6e690a4c8d4bf2u}, {100, 200, 1, 0xa4e8ca491ec18a5du}, {1, 2, 3, 0x6c3adf02f59beffau},
    {2, 2, 3, 0x71eb792854376b5fu},    {3, 2, 3, 0x1319a9dfbcd540ffu},     {4, 2, 3, 0x76cb2e4d5264877fu},
    {5, 2, 3, 0x59909d1432d90cf2u},    {6, 2, 3, 0x268bc8793a883488u},     {7, 2, 3, 0x87b71339971ac761u},
    {8, 2, 3, 0x3c153f25d4e32a83u},    {9, 2, 3, 0x8272dfd4c67fb6deu},     {10, 2, 3, 0xe833e914ff3a6f7bu},
    {11, 2, 3, 0x2964cd323a4c8174u},   {12, 2, 3, 0x3a6a8bde9af9f050u},    {13, 2, 3, 0x8f226729caff6df8u},
    {14, 2, 3, 0xbf167fe5fe65d9f5u},   {15, 2, 3, 0xda9f74c0858c2361u},    {16, 2, 3, 0xdae8b109deb1e630u},
    {17, 2, 3, 0xe65c70f79f6bec0bu},   {18, 2, 3, 0xa54e36affeb3c350u},    {19, 2, 3, 0x8adc029cc3ab4d1du},
    {20, 2, 3, 0x488b229e66037b76u},   {21, 2, 3, 0x8c90c70d0387b9b4u},    {22, 2, 3, 0x49c711918458b305u},
    {23, 2, 3, 0x6c86d3fd944554ccu},   {24, 2, 3, 0x71be2d60b8240404u},    {25, 2, 3, 0xd90a1a5b8456200eu},
    {26, 2, 3, 0xcb3f59338b557b6au},   {27, 2, 3, 0xc101d53ad0c02d10u},    {28, 2, 3, 0x551da9cefdd4c708u},
    {29, 2, 3, 0x5a137a4e95309fdeu},   {30, 2, 3, 0x3e7da56511e5e6b6u},    {31, 2, 3, 0x2afb982e6936b111u},
    {32, 2, 3, 0xb4570b84284b9529u},   {33, 2, 3, 0x4e74d98b90a2cd95u},    {100, 2, 3, 0xb2726cf4752e0839u},
    {1, 4, 3, 0x5be401d574e138dcu},    {2, 4, 3, 0xf1cf49b041a32865u},     {3, 4, 3, 0x782b31e7e39e58e0u},
    {4, 4, 3, 0xb5fd53cdd98b2af4u},    {5, 4, 3, 0x45d4a08fa77dec04u},     {6, 4, 3, 0x64f4493cd52c9224u},
    {7, 4, 3, 0x14e37a8315ce0711u},    {8, 4, 3, 0xff533a3ef386d655u},     {9, 4, 3, 0xa4729864d9b5796bu},
    {10, 4, 3, 0xa936e6403050d6ceu},   {11, 4, 3, 0x02935d032eb86a30u},    {12, 4, 3, 0xf8fbcf2de8e48123u},
    {13, 4, 3, 0x2d297504e2adb0ccu},   {14, 4, 3, 0xd08849e7f47fc547u},    {15, 4, 3, 0x76120de2596e3fb9u},
    {16, 4, 3, 0x1953029a7a707795u},   {17, 4, 3, 0xdb792bd999f8f171u},    {18, 4, 3, 0x5218c9e1336290f6u},
    {19, 4, 3, 0xad50fb84e4ad64ceu},   {20, 4, 3, 0x8c55fae76af94a00u},    {21, 4, 3, 0x794a32a526d70efbu},
    {22, 4, 3, 0xe99dad1aab4ef2f9u},   {23, 4, 3, 0x4ad341bfb7113272u},    {24, 4, 3, 0x1f62ea89643cd83fu},
    {25, 4, 3, 0x66528b80b29c0c2eu},   {26, 4, 3, 0x177c40495ddfb754u},    {27, 4, 3, 0x2a57e88ea1ad85acu},
    {28, 4, 3, 0x84dea1f5d2d7c81cu},   {29, 4, 3, 0x022d25377f437c8cu},    {30, 4, 3, 0x056ad57288a838b7u},
    {31, 4, 3, 0x500a1450e919a1f5u},   {32, 4, 3, 0x7d2e9cf44f33f99cu},    {33, 4, 3, 0x27e8a8a33c783989u},
    {100, 4, 3, 0xe6386d53fa380a50u},  {1, 5, 3, 0xcfac40956705dc55u},     {2, 5, 3, 0xa35ee00446c229fbu},
    {3, 5, 3, 0x40c166ac52e406ddu},    {4, 5, 3, 0xb4d71a6573286a7eu},     {5, 5, 3, 0x89f053aafe178a6au},
    {6, 5, 3, 0x09c9d523e6eb63eeu},    {7, 5, 3, 0x4421b3b05ecff901u},     {8, 5, 3, 0x90401091557e7d44u},
    {9, 5, 3, 0x19fd3a7cbc3806a3u},    {10, 5, 3, 0xd458405c6b1b492cu},    {11, 5, 3, 0x31c79e83267a047cu},
    {12, 5, 3, 0x4d07c32b30fb79a3u},   {13, 5, 3, 0x73a1dacef8ca686au},    {14, 5, 3, 0x706e147d4d9cea34u},
    {15, 5, 3, 0xfb6c3565b0b18179u},   {16, 5, 3, 0xdefd9d832f82f32au},    {17, 5, 3, 0x95e0ddb651efa901u},
    {18, 5, 3, 0x90c84ab83a5206b2u},   {19, 5, 3, 0x772209f6c3c33936u},    {20, 5, 3, 0xab4df21333d299c7u},
    {21, 5, 3, 0xd8ee7284945d7a19u},   {22, 5, 3, 0xa5bd6b3fb7e30ee5u},    {23, 5, 3, 0xb1488690d3eaf413u},
    {24, 5, 3, 0xdd93801d6ca94638u},   {25, 5, 3, 0xaaf31878975433b1u},    {26, 5, 3, 0x2ced25f686644a2au},
    {27, 5, 3, 0x4ad9b5cfc938a224u},   {28, 5, 3, 0x26887a57bc6ebf1bu},    {29, 5, 3, 0xbe3081a9a34f73d3u},
    {30, 5, 3, 0xc73c888fbf941fc0u},   {31, 5, 3, 0x605c0046d79e1c47u},    {32, 5, 3, 0xe92e3912a5553a56u},
    {33, 5, 3, 0xd7d2c856358891adu},   {100, 5, 3, 0x1f67c66fa533984du},   {1, 200, 3, 0xd0578aa78b2c86b7u},
    {2, 200, 3, 0x89e5bfa4bc353c25u},  {3, 200, 3, 0xa71fdd8856dac4d5u},   {4, 200, 3, 0xa469ec568ba48e29u},
    {5, 200, 3, 0x6b8b9e00bd325ab7u},  {6, 200, 3, 0x98ebd563043740a8u},   {7, 200, 3, 0x1d66bc49dec0fb76u},
    {8, 200, 3, 0xda0491901cd1f500u},  {9, 200, 3, 0xe7933d1a4615b847u},   {10, 200, 3, 0xda58b8213917a89cu},
    {11, 200, 3, 0x97bd01ebb98b07fcu}, {12, 200, 3, 0x0d47f4bbebb61ca4u},  {13, 200, 3, 0xd73fca70d70df354u},
    {14, 200, 3, 0xf2bb34c8a3ef75d5u}, {15, 200, 3, 0x0cc44f4bbaacdfc5u},  {16, 200, 3, 0xda67deb20271593cu},
    {17, 200, 3, 0xddbda3e2e82ebe1du}, {18, 200, 3, 0x32509875ec50ac4au},  {19, 200, 3, 0x1af8bad32faf8980u},
    {20, 200, 3, 0xd66fb168e846e371u}, {21, 200, 3, 0x9aa38ade62553382u},  {22, 200, 3, 0x202ecd5c5b7ab80bu},
    {23, 200, 3, 0x1f67cc1587aca021u}, {24, 200, 3, 0x43d22c7d7283cee8u},  {25, 200, 3, 0x28e365811f4c9d1eu},
    {26, 200, 3, 0x5af72b5c3fb75159u}, {27, 200, 3, 0x05b99711c372f2c8u},  {28, 200, 3, 0x7a28556ff50401c7u},
    {29, 200, 3, 0x34d8e355edf33f5eu}, {30, 200, 3, 0x4249d9b42babc409u},  {31, 200, 3, 0x027beb515d9ea1bbu},
    {32, 200, 3, 0x5d2a4b05018cfc0eu}, {33, 200, 3, 0x814648a74d52d8bau},  {100, 200, 3, 0x90fca77b44199207u},
};

#endif
