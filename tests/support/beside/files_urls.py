"""The project's addresses, and one that takes files."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from bastide.django import receive_upload, takes_files
from support.beside.urls import urlpatterns as others


@takes_files
def send(request: HttpRequest) -> HttpResponse:
    upload = receive_upload(request, "note:1")
    return HttpResponse(f"{upload.display_name} {upload.media_type}")


urlpatterns = [*others, path("send", send)]
