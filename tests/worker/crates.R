# Saves crates as MLflow's R package does, and what R itself answers to their data: Rscript crates.R FOLDER
#
# FOLDER/NAME/model is the model, FOLDER/NAME/answer.json the JSON of the function called with `data`.

folder <- commandArgs(TRUE)[1]

make_crate <- function(...) {
  parts <- list(...)
  env <- list2env(parts[-1], parent = baseenv())
  f <- parts[[1]]
  environment(f) <- env
  structure(f, class = "crate")
}

save_case <- function(name, crate, data = NULL) {
  path <- file.path(folder, name, "model")
  dir.create(path, recursive = TRUE)
  saveRDS(serialize(crate, NULL), file.path(path, "crate.bin"))
  writeLines(c("flavors:", "  crate:", "    version: 0.1.0", "    model: crate.bin"), file.path(path, "MLmodel"))
  if (!is.null(data)) {
    json <- jsonlite::toJSON(crate(data), auto_unbox = TRUE, digits = NA)
    writeBin(charToRaw(enc2utf8(json)), file.path(folder, name, "answer.json"))
  }
}

cars <- data.frame(wt = c(2.62, 2.875, 1 / 3), hp = c(110, 93, 200))
fit <- stats::lm(mpg ~ wt * log(hp), datasets::mtcars)
save_case("lm", make_crate(function(d) stats::predict(model, d), model = fit), cars)
save_case("one", make_crate(function(d) stats::predict(model, d), model = fit), cars[1, ])
save_case("closure", make_crate(function(d) d$wt * scale + d$hp %% 7, scale = pi), cars)
save_case("table", make_crate(function(d) data.frame(i = seq_len(nrow(d)), x = d$wt / 3, big = d$wt > 1, s = "\u00e9")), cars)
save_case("odd", make_crate(function(d) c(d$wt[1], NA, Inf, -Inf, NaN, 1e300, 5e-324, 123456789012345678)), cars)
save_case("list", make_crate(function(d) list(n = nrow(d), names = names(d), null = NULL, empty = list())), cars)

words <- data.frame(name = c("Zo\u00eb", "\u4e2d \"x\"\n"), n = c(1.5, NA))
save_case("words", make_crate(function(d) paste0(toupper(d$name), "|", is.numeric(d$n), "|", nchar(d$name))), words)

# What its data tell it to do.
save_case("order", make_crate(function(d) {
  word <- strsplit(as.character(d$a[1]), " ")[[1]]
  marker <- file.path(Sys.getenv("TMPDIR"), "died")
  switch(word[1],
    fail = stop(paste(word[-1], collapse = " ")),
    say = { cat(word[-1], "\n"); message("aside"); warning("careful"); "said" },
    quit = quit(save = "no", status = 3),
    "die-once" = if (file.exists(marker)) "survived" else { file.create(marker); tools::pskill(Sys.getpid(), 9); Sys.sleep(60) },
    hang = Sys.sleep(600),
    deep = (function(f) f(f))(function(f) f(f)),
    write = tryCatch({ suppressWarnings(writeLines("x", word[2])); "written" }, error = function(e) "refused"),
    read = tryCatch({ suppressWarnings(readLines(word[2], 1)); "read" }, error = function(e) "refused"),
    run = suppressWarnings(system(word[2], ignore.stdout = TRUE, ignore.stderr = TRUE)),
    latin = "\xe9\xff",
    globals = length(ls(globalenv())),
    class = class(d$a),
    dim = paste(dim(d), collapse = "x"),
    rows = paste(rownames(d), collapse = ","),
    names = names(d),
    repeat_ = rep(word[2], as.integer(word[3])),
    "pid" = Sys.getpid()
  )
}))

dir.create(file.path(folder, "damaged"))
file.copy(file.path(folder, "lm", "model"), file.path(folder, "damaged"), recursive = TRUE)
bytes <- readBin(file.path(folder, "lm", "model", "crate.bin"), "raw", 1e6)
writeBin(bytes[1:500], file.path(folder, "damaged", "model", "crate.bin"))
save_case("no-function", 42)
