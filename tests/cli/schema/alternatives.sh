"$SAVOR" models schema m --proto --openapi
