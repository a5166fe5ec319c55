# -h is --host of serve; help is --help
"$SAVOR" -h
