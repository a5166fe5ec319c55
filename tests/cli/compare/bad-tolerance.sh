for t in x -1 inf ""; do "$SAVOR" models compare -m x --against y --tol "$t" 2>&1 | tail -1; done
