#ifndef SV_FORMAT_SKOPS_H
#define SV_FORMAT_SKOPS_H
#include "format/record.h"
savor_status sv_skops_read(sv_str bytes, const sv_record_limits *limits, sv_arena *arena, const sv_record **out, savor_error *err) SAVOR_MUST_CHECK;
#endif
