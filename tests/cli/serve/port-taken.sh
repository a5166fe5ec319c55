case=$MODELS/xgb-squarederror-v3
cat > hold.py <<'EOF'
import socket, subprocess, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
done = subprocess.run([sys.argv[1], "models", "serve", sys.argv[2], "-p", str(s.getsockname()[1])], stderr=subprocess.PIPE, timeout=20)
print(done.returncode, b"savor: error: " in done.stderr)
EOF
python3 hold.py "$SAVOR" "$case/model"
