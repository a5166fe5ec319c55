# What the model returned -> the body of an ANSWER; what was raised -> that of an ERROR.

JSON_KIND <- 4
RAISED_KIND <- 0

utf8_bytes <- function(text) charToRaw(enc2utf8(text))

# JSON as the R server writes it: scalars without brackets, up to 15 significant digits.
write_answer <- function(result) {
  json <- enc2utf8(as.character(jsonlite::toJSON(result, auto_unbox = TRUE, digits = NA)))
  if (!validUTF8(json)) {
    stop("the answer holds text that is not UTF-8")
  }
  c(u64(JSON_KIND), text_piece(charToRaw(json)))
}

# The R server's text for an error; of a message in several pieces it sends the first.
refusal <- function(error) paste("Invalid Request. ", error$message)[1]

write_error <- function(text) {
  c(u64(RAISED_KIND), text_piece(raw()), text_piece(utf8_bytes(text)), text_piece(raw()))
}
