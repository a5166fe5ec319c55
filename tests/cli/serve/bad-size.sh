for s in 1X 0 -1 "" K 99999999999G; do "$SAVOR" models serve x --max-body "$s" 2>&1 | tail -1; done
