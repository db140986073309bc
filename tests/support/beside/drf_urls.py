"""The project's addresses, and two of an API: basic authentication, and tokens for a password."""

from django.urls import path
from rest_framework.authentication import BasicAuthentication
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from support.beside.urls import urlpatterns as others


@api_view()
@authentication_classes([BasicAuthentication])
@permission_classes([IsAuthenticated])
def who(request: Request) -> Response:
    return Response({"name": request.user.username})


urlpatterns = [*others, path("drf", who), path("token", obtain_auth_token)]
