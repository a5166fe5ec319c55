"$SAVOR" modles serve; "$SAVOR" models srve; "$SAVOR" models predikt -m x; "$SAVOR" --versoin; "$SAVOR" serve -m x
