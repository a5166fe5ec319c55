"$SAVOR" models inspect
