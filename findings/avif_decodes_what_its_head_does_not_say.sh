#!/usr/bin/env bash
# Pillow: what an AVIF takes to decode stands in its coded picture; the size that is known when it is opened may be any other.
#
# Seen with Pillow 13.0.0 and its libavif 1.4.2. `Image.open` tells the size of the container's property `ispe`, against
# which caps are held. Decoding makes a picture of the size that the AV1 sequence header says, and scales it afterwards: a
# file of 2 kB that opens as 16 x 16 pixels takes some 290 MiB. libavif has a limit for that, which Pillow leaves at
# 16,384 x 16,384 and hands to nobody, so that Image.MAX_IMAGE_PIXELS, or a cap of one's own, does not hold.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
cat > "$folder/make.py" <<'PY'
import sys

from PIL import Image

Image.new("RGB", (12_000, 12_000), (9, 9, 9)).save(sys.argv[1], "AVIF", speed=10, quality=30)
data = open(sys.argv[1], "rb").read()
at = data.index(b"ispe") + 8
open(sys.argv[1], "wb").write(data[:at] + (16).to_bytes(4, "big") * 2 + data[at + 8 :])
PY
cat > "$folder/look.py" <<'PY'
import sys

from PIL import Image


def most():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) // 1024


image = Image.open(sys.argv[1])
before = most()
print("opened:", image.size)
image.load()
print("decoding took more than 200 MiB:", most() - before > 200)
PY
"$folder/venv/bin/python" "$folder/make.py" "$folder/a.avif"
test "$(stat -c %s "$folder/a.avif")" -lt 5000
seen=$("$folder/venv/bin/python" "$folder/look.py" "$folder/a.avif")
echo "$seen"
test "$seen" = "opened: (16, 16)
decoding took more than 200 MiB: True"
