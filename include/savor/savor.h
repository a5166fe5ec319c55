/* savor.h: all of libsavor's public interface. */
#ifndef SAVOR_SAVOR_H
#define SAVOR_SAVOR_H

#include <savor/compare.h>
#include <savor/dtype.h>
#include <savor/example.h>
#include <savor/frame.h>
#include <savor/infer.h>
#include <savor/model.h>
#include <savor/schema.h>
#include <savor/score.h>
#include <savor/server.h>
#include <savor/status.h>
#include <savor/verify.h>
#include <savor/version.h>
#include <savor/worker.h>

#endif
