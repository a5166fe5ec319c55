"$SAVOR" bogus
