case=$MODELS/xgb-squarederror-v3
cat > ask.py <<'EOF'
"""A request that never ends holds the drain up; the second signal ends the server at once."""
import re, signal, socket, subprocess, sys, time
server = subprocess.Popen([sys.argv[1], "models", "serve", sys.argv[2], "-p", "0"], stderr=subprocess.PIPE, text=True)
seen = ""
while "listening" not in seen:
    seen = server.stderr.readline()
s = socket.create_connection(("127.0.0.1", int(re.search(r"port=([0-9]+)", seen)[1])))
s.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
time.sleep(0.3)
server.send_signal(signal.SIGTERM)
time.sleep(0.5)
print(server.poll())
server.send_signal(signal.SIGTERM)
print(server.wait(5))
EOF
python3 ask.py "$SAVOR" "$case/model"
