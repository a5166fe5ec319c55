"$SAVOR" models signature
