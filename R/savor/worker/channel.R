# Messages over the socket: a header of 32 bytes, then the body. The bytes are moved by channel.so (src/worker/r_channel.c).

MAGIC <- as.raw(c(0x53, 0x56, 0x57, 0x31))
VERSION <- 3
READY <- 1
FAILED <- 2
PREDICT <- 16
ANSWER <- 17
ERROR <- 18

RELEASED <- 2 # a flag of answers: the request was copied

GONE <- 1L
BODY_BYTES_MAX <- 2^31 - 1 # of a vector that .C takes

# Unsigned little-endian integers; R has none beyond 31 bits, so they are doubles made of pieces of 16 bits.
u16 <- function(n) writeBin(as.integer(n), raw(), size = 2, endian = "little")

u64 <- function(n) u16(n %/% 65536^(0:3) %% 65536)

read_u16 <- function(bytes, at, n = 1) {
  readBin(bytes[at + seq_len(2 * n)], "integer", n, size = 2, signed = FALSE, endian = "little")
}

read_u64 <- function(bytes, at) sum(read_u16(bytes, at, 4) * 65536^(0:3))

padded <- function(bytes) c(bytes, raw(-length(bytes) %% 8))

text_piece <- function(bytes) c(u64(length(bytes)), padded(bytes))

open_channel <- function(here, fd) {
  dyn.load(file.path(here, "channel.so"))
  fd
}

# The next message as list(kind, id, body), or NULL when savor has gone.
receive <- function(fd) {
  got <- .C("savor_r_receive_head", fd, head = raw(32), memfd = -1L, result = 0L, PACKAGE = "channel")
  if (got$result == GONE) {
    return(NULL)
  }
  if (!identical(got$head[1:4], MAGIC) || read_u16(got$head, 4) != VERSION) {
    stop("savor speaks another version of the worker protocol")
  }
  n_bytes <- read_u64(got$head, 16)
  if (n_bytes > BODY_BYTES_MAX) {
    stop("a request has more bytes than an R vector holds here")
  }
  body <- .C("savor_r_receive_body", fd, got$memfd, body = raw(n_bytes), n_bytes, result = 0L, PACKAGE = "channel")
  if (body$result == GONE) {
    return(NULL)
  }
  if (body$result != 0L) {
    stop("a request's memory file could not be read")
  }
  list(kind = read_u16(got$head, 6), id = got$head[9:16], body = body$body)
}

# Send a body; `id` is that of the request, eight bytes.
send <- function(fd, kind, id, body) {
  flags <- if (kind %in% c(ANSWER, ERROR)) RELEASED else 0
  head <- c(MAGIC, u16(VERSION), u16(kind), id, u64(length(body)), u64(flags))
  sent <- .C("savor_r_send", fd, head, body, as.double(length(body)), result = 0L, PACKAGE = "channel")
  if (sent$result != 0L) {
    stop("an answer could not be sent")
  }
}
