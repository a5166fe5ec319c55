# The body of a PREDICT message -> the data frame that the model is called with, read as the R package of MLflow 2 and
# later reads a request. The body is a value: a list of the content type (or None) and the bytes that the client sent.

NONE_TAG <- as.raw(0)
TEXT_TAG <- as.raw(5)
BYTES_TAG <- as.raw(6)
LIST_TAG <- as.raw(8)
VALUE_KIND <- 3

# A piece of a vector of bytes, through a connection: an index vector would take four times its room, or eight.
slice <- function(bytes, at, n) {
  connection <- rawConnection(bytes)
  on.exit(close(connection))
  seek(connection, at)
  readBin(connection, "raw", n)
}

# The bytes after a tag, and where they end.
read_piece <- function(body, at) {
  n <- read_u64(body, at + 1)
  list(bytes = slice(body, at + 9, n), end = at + 9 + n)
}

# list(type, bytes); the type is NULL when the client sent none.
read_request <- function(body) {
  if (read_u64(body, 0) != 0 || read_u64(body, 8) != VALUE_KIND || body[25] != LIST_TAG || read_u64(body, 25) != 2) {
    stop("savor sent a request in another form than R reads")
  }
  has_type <- body[34] == TEXT_TAG
  type <- if (has_type) read_piece(body, 33) else list(bytes = raw(), end = 34)
  if (!has_type && body[34] != NONE_TAG || body[type$end + 1] != BYTES_TAG) {
    stop("savor sent a request in another form than R reads")
  }
  list(type = if (has_type) rawToChar(type$bytes), bytes = read_piece(body, type$end)$bytes)
}

# Rows of different lengths are filled up with NA; rows of different types become text, all of them, in either way.
join_rows <- function(rows) {
  width <- max(sapply(rows, length))
  Reduce(rbind, lapply(rows, function(row) append(row, rep(NA, width - length(row)))))
}

read_split <- function(split) {
  fields <- names(split)
  if (length(setdiff(fields, c("columns", "index", "data"))) || !"data" %in% fields) {
    stop(paste("Invalid input. Make sure the input json data is in 'split' format.", fields))
  }
  data <- split$data
  if (any(class(data) == "list")) {
    data <- join_rows(data)
  }
  frame <- data.frame(data, row.names = split$index)
  names(frame) <- split$columns
  frame
}

# parse_json, not fromJSON: that one would open a body which is a URL or the name of a file.
read_json <- function(text) {
  json <- jsonlite::parse_json(text, simplifyVector = TRUE)
  form <- intersect(names(json), c("dataframe_split", "dataframe_records"))
  if (length(form) != 1) {
    stop(paste(
      "Invalid input. The input must contain 'dataframe_split' or 'dataframe_records' but not both.",
      "Got input fields", names(json)
    ))
  }
  if (form == "dataframe_records") json$dataframe_records else read_split(json$dataframe_split)
}

# Content types as the R server knows them: these two and none, to the letter.
read_frame <- function(type, bytes) {
  text <- rawToChar(bytes)
  switch(if (is.null(type)) "application/json" else type,
    "application/json" = read_json(text),
    "text/csv" = utils::read.csv(text = text, stringsAsFactors = FALSE),
    stop("Unsupported input format.")
  )
}
