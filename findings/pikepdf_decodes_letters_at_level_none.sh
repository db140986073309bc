#!/usr/bin/env bash
# pikepdf: save(stream_decode_level=none) still takes ASCII85 apart and packs the stream anew.
#
# Seen with pikepdf 10.18.0 on qpdf 12.4.2. The level "none" is to leave streams as they are coded. With
# compress_streams=True, which is the default, a stream of /ASCII85Decode and /FlateDecode is decoded and deflated anew
# all the same: a document of 3 MB takes half a second instead of milliseconds. With compress_streams=False it stays as it is,
# but then the streams of objects that object_stream_mode=generate makes are not packed either.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pikepdf==10.18.0
cat > "$folder/look.py" <<'PY'
import base64
import zlib
from io import BytesIO

from pikepdf import Array, Name, ObjectStreamMode, Pdf, Stream, StreamDecodeLevel

made = Pdf.new()
page = made.add_blank_page()
page.Contents = made.make_stream(b"")
packed = base64.a85encode(zlib.compress(b"q Q")) + b"~>"
page.Contents.write(packed, filter=Array([Name.ASCII85Decode, Name.FlateDecode]))
sent = BytesIO()
made.save(sent, compress_streams=False)


def written(compress):
    out = BytesIO()
    with Pdf.open(BytesIO(sent.getvalue())) as read:
        read.save(
            out, compress_streams=compress, stream_decode_level=StreamDecodeLevel.none,
            object_stream_mode=ObjectStreamMode.generate,
        )
    with Pdf.open(out) as read:
        contents = read.pages[0].Contents
        packings = contents.Filter if isinstance(contents.Filter, Array) else [contents.Filter]
        objects = [each for each in read.objects if isinstance(each, Stream) and each.get("/Type") == Name.ObjStm]
        return [str(name) for name in packings], ["/Filter" in each for each in objects]


for compress in (True, False):
    print(compress, *written(compress))
PY
seen=$("$folder/venv/bin/python" "$folder/look.py")
echo "$seen"
test "$seen" = "True ['/FlateDecode'] [True]
False ['/ASCII85Decode', '/FlateDecode'] [False]"
