case=$MODELS/xgb-squarederror-v3
cat > ask.py <<'EOF'
"""Starts the server on a free port, asks it, and ends it with each of the two signals."""
import re, signal, subprocess, sys, urllib.request
savor, model, body = sys.argv[1:]
for number, flags in ((signal.SIGTERM, []), (signal.SIGINT, ["--json-log"])):
    server = subprocess.Popen([savor, "models", "serve", model, "-p", "0", "--env-manager", "local", *flags], stderr=subprocess.PIPE, text=True)
    seen = ""
    while "listening" not in seen:
        seen = server.stderr.readline()
        if "loaded" in seen:
            print(re.sub(r"[0-9]{4}-[0-9-]*T[0-9:.]*Z", "NOW", seen).replace(f'="{model}"', "=MODEL").replace(model, "MODEL"), end="")
    port = re.search(r'port"?[=:]([0-9]+)', seen)[1]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", open(body, "rb").read(), {"Content-Type": "application/json"})
    print(urllib.request.urlopen(request, timeout=10).read().decode())
    server.send_signal(number)
    server.stderr.read()
    print(server.wait(20))
EOF
python3 ask.py "$SAVOR" "$case/model" "$case/requests/02.json"
