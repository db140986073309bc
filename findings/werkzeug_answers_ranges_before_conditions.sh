#!/usr/bin/env bash
# Werkzeug: send_file answers a Range although If-None-Match says that nothing changed, and a 412 carries the whole file.
#
# Seen with Werkzeug 3.1.9 and Flask 3.1.3. RFC 9110, 13.2.2, has If-None-Match go before Range: a reader that has the
# file is told 304, whatever part it asks for. `send_file(..., conditional=True)` answers 206. Where If-Match names
# another file it answers 412 under the file's own headers and with all of its bytes. Several ranges, which a server may
# answer with the whole file (14.2), are a 416, as if there were no such bytes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check flask==3.1.3 werkzeug==3.1.9
cat > "$folder/look.py" <<'PY'
from io import BytesIO

from flask import Flask, send_file

app = Flask("look")


@app.get("/")
def file():
    return send_file(BytesIO(b"0123456789"), mimetype="text/plain", etag="tag", conditional=True)


for headers in (
    {"If-None-Match": '"tag"'},
    {"If-None-Match": '"tag"', "Range": "bytes=0-1"},
    {"If-Match": '"another"'},
    {"Range": "bytes=0-1,3-4"},
):
    answer = app.test_client().get("/", headers=headers)
    print(headers, answer.status_code, "a page" if answer.data[:1] == b"<" else answer.data)
PY
seen=$("$folder/venv/bin/python" "$folder/look.py")
echo "$seen"
test "$seen" = "{'If-None-Match': '\"tag\"'} 304 b''
{'If-None-Match': '\"tag\"', 'Range': 'bytes=0-1'} 206 b'01'
{'If-Match': '\"another\"'} 412 b'0123456789'
{'Range': 'bytes=0-1,3-4'} 416 a page"
