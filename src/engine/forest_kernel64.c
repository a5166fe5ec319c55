/* forest_kernel64.c: the kernel's loops over double. */
#include "engine/forest_kernel_priv.h"

#include <math.h>

#define REAL double
#define NODE kernel_node64
#define NODES nodes64
#define PREDICT sv_kernel_predict64
#include "engine/forest_kernel_type.h"
