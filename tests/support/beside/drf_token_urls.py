"""The project's addresses, a page for tokens, and views of REST framework that take them."""

from django.urls import path
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from bastide.django.rest import TokenAuthentication
from support.beside.token_urls import urlpatterns as others


@api_view(["GET", "POST"])
@authentication_classes([TokenAuthentication])
@permission_classes([IsAuthenticated])
def notes(request: Request) -> Response:
    who, token = request.user.get_username(), request.auth
    return Response({"name": who, "by": token.name, "scopes": sorted(token.permissions)})


@api_view()
@authentication_classes([TokenAuthentication])
@permission_classes([IsAuthenticated])
def rights(request: Request) -> Response:
    return Response({word: request.user.has_perm(f"beside.{word}_note") for word in ("change", "delete")})


urlpatterns = [*others, path("drf/notes", notes), path("drf/rights", rights)]
