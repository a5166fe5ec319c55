# Start of a worker: Rscript main.R FD MODEL ERA. See docs/worker-protocol.md.
#
# Nothing of it lies in the global environment, which is the model's.

local({
  # "FILE may contain spaces": R's own start script sends them as "~+~".
  program <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])
  here <- dirname(gsub("~+~", " ", program, fixed = TRUE))
  worker <- new.env(parent = baseenv())
  for (part in c("channel.R", "request.R", "answer.R", "serve.R")) {
    sys.source(file.path(here, part), worker)
  }
  worker$main(here, commandArgs(TRUE))
})
