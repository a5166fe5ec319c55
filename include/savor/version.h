/* version.h: the version of the library that is running. */
#ifndef SAVOR_VERSION_H
#define SAVOR_VERSION_H

#include <savor/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAVOR_VERSION_MAJOR 0
#define SAVOR_VERSION_MINOR 1
#define SAVOR_VERSION_PATCH 0

/**
 * The version of the library, such as "0.1.0".
 *
 * returns   static text, never NULL
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    SAVOR_VERSION_MAJOR, _MINOR, _PATCH
 */
SAVOR_API const char *savor_version(void);

#ifdef __cplusplus
}
#endif

#endif
