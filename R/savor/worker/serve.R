# The worker's life: load the model, say so, then answer one request after the other until savor is gone.

NO_ID <- raw(8)

# A crate: a function with its data, serialized, and that as an RDS file.
load_crate <- function(path) {
  if (!requireNamespace("jsonlite", quietly = TRUE)) {
    stop("the R package jsonlite is not installed: install.packages(\"jsonlite\"), or r-cran-jsonlite in Debian")
  }
  crate <- unserialize(readRDS(file.path(path, "crate.bin")))
  if (!is.function(crate)) {
    stop("crate.bin holds no function but an object of class ", paste(class(crate), collapse = ", "))
  }
  crate
}

# Bodies and answers are UTF-8; in the C locale R would take their bytes for something else.
choose_locale <- function() {
  for (name in c("C.UTF-8", "en_US.UTF-8")) {
    if (!isTRUE(l10n_info()[["UTF-8"]])) {
      suppressWarnings(Sys.setlocale("LC_CTYPE", name))
    }
  }
}

facts <- function() {
  paste0("R ", getRversion(), ", jsonlite ", utils::packageVersion("jsonlite"))
}

tell <- function(text) writeLines(text, stderr())

answer_request <- function(model, body) {
  tryCatch(
    {
      request <- read_request(body)
      data <- read_frame(request$type, request$bytes)
      list(kind = ANSWER, body = write_answer(do.call(model, list(data))))
    },
    error = function(e) {
      text <- refusal(e)
      tell(text)
      list(kind = ERROR, body = write_error(text))
    }
  )
}

load_model <- function(fd, path) {
  tryCatch(load_crate(path), error = function(e) {
    text <- paste(conditionMessage(e), collapse = " ")
    tell(text)
    send(fd, FAILED, NO_ID, write_error(text))
    quit(save = "no", status = 1)
  })
}

main <- function(here, words) {
  options(warn = 1) # told when they come: there is no end of a top-level call to wait for
  choose_locale()
  fd <- open_channel(here, as.integer(words[1]))
  model <- load_model(fd, words[2])
  ready <- charToRaw(facts())
  send(fd, READY, NO_ID, c(ready, rep(charToRaw(" "), -length(ready) %% 8)))
  while (!is.null(message <- receive(fd))) {
    if (message$kind != PREDICT) {
      stop("savor sent a message of kind ", message$kind)
    }
    answer <- answer_request(model, message$body)
    send(fd, answer$kind, message$id, answer$body)
  }
}
