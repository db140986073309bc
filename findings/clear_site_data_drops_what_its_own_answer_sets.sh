#!/usr/bin/env bash
# Chromium: Clear-Site-Data "cookies" drops the cookies that the very answer sets.
#
# Seen with Chromium 156 of Debian, driven by Playwright 1.65.2. An answer that says Clear-Site-Data: "cookies" together with
# Set-Cookie leaves the jar without that cookie: what a site wants to keep beyond a sign-out
# cannot be given back in the answer that signs out. Without "cookies" the same Set-Cookie is kept.
set -euo pipefail
command -v chromium >/dev/null || { echo "needs Debian's package chromium"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check playwright==1.65.2
cat > "$folder/look.py" <<'PY'
import shutil
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from playwright.sync_api import sync_playwright


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        if self.path == "/first":
            self.send_header("Set-Cookie", "before=1")
        if self.path in {"/all", "/storage"}:
            kinds = '"cache", "cookies", "storage"' if self.path == "/all" else '"cache", "storage"'
            self.send_header("Clear-Site-Data", kinds)
            self.send_header("Set-Cookie", "kept=1")
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Site)
Thread(target=server.serve_forever, daemon=True).start()
base = f"http://localhost:{server.server_port}"
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    print("chromium", browser.version.partition(".")[0])
    for path in ("/storage", "/all"):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{base}/first")
        page.goto(base + path)
        page.goto(f"{base}/last")
        print(path, sorted(cookie["name"] for cookie in context.cookies()))
    browser.close()
server.shutdown()
PY
seen=$("$folder/venv/bin/python" "$folder/look.py")
echo "$seen"
test "$(echo "$seen" | tail -n 2)" = "/storage ['before', 'kept']
/all []"
