# what follows --version does not count
"$SAVOR" --version models bogus
