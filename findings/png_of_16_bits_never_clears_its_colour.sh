#!/usr/bin/env bash
# Pillow: the clear colour of a PNG of 16 bits a channel is never clear.
#
# Seen with Pillow 13.0.0. Such pixels are read as 8 bits each, and the colour that the chunk tRNS names stays as it is,
# of 16: no pixel can be equal to it. `convert("RGBA")` makes all of them opaque, and saving writes a PNG of 8 bits whose
# clear colour is beyond what 8 bits can hold. The same picture of 8 bits a channel comes out clear where it was.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
cat > "$folder/look.py" <<'PY'
import zlib
from io import BytesIO

from PIL import Image


def chunk(kind, body):
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def png(depth, clear, other, key):
    header = (2).to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes((depth, 2, 0, 0, 0))
    parts = ((b"IHDR", header), (b"tRNS", key), (b"IDAT", zlib.compress(b"\0" + clear + other)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


for depth, data in (
    (8, png(8, b"\x12" * 3, b"\x80" * 3, b"\0\x12" * 3)),
    (16, png(16, b"\x12\x34" * 3, b"\x80\x01" * 3, b"\x12\x34" * 3)),
):
    image = Image.open(BytesIO(data))
    image.load()
    print(depth, image.mode, image.info["transparency"], [*image.convert("RGBA").getchannel("A").tobytes()])
PY
seen=$("$folder/venv/bin/python" "$folder/look.py")
echo "$seen"
test "$seen" = "8 RGB (18, 18, 18) [0, 255]
16 RGB (4660, 4660, 4660) [255, 255]"
