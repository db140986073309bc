#!/usr/bin/env bash
# Flask takes the request out of the WSGI environ before the body of a streaming answer is read.
#
# Seen with Flask 3.1.3 and Werkzeug 3.1.9. While the view runs, environ["werkzeug.request"] is the request. When the
# server reads the generator's chunks, the key is still there and holds None, so code that the generator calls, such as a
# listener on the database's statements, can no longer ask what the request carried. `stream_with_context` brings the
# context back for the generator, but not the key for whoever looks into the environ.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check flask==3.1.3 werkzeug==3.1.9
cat > "$folder/look.py" <<'PY'
from flask import Flask, has_request_context, request

app = Flask("look")


@app.get("/")
def stream():
    environ = request.environ
    print("in the view:", environ["werkzeug.request"] is not None, has_request_context())

    def chunks():
        print("while streaming:", "werkzeug.request" in environ, environ["werkzeug.request"], has_request_context())
        yield b"chunk"

    return chunks()


assert app.test_client().get("/").data == b"chunk"
PY
seen=$("$folder/venv/bin/python" "$folder/look.py")
echo "$seen"
test "$seen" = "in the view: True True
while streaming: True None False"
