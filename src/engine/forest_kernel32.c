/* forest_kernel32.c: the kernel's loops over float. */
#include "engine/forest_kernel_priv.h"

#include <math.h>

#define REAL float
#define NODE kernel_node32
#define NODES nodes32
#define PREDICT sv_kernel_predict32
#include "engine/forest_kernel_type.h"
