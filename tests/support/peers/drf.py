"""Views of Django REST framework, as its guide and well-known answers on the web have them."""

from typing import Any, ClassVar

from django.urls import path
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.serializers import CharField, Serializer
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from bastide.django import LoginRequiredMixin


class NoteForm(Serializer[Any]):
    text = CharField()


class WithScripts(BrowsableAPIRenderer):
    """Lets its pages load their scripts by address."""

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:
        renderer_context["request"].bastide.csp_overrides["script-src"] = ("'self'",)
        return super().render(data, accepted_media_type, renderer_context)


class Notes(APIView):
    permission_classes = (IsAuthenticated,)
    serializer_class = NoteForm

    def get(self, request: Any) -> Response:
        return Response({"for": str(request.user)})

    def get_serializer(self, *arguments: Any, **options: Any) -> NoteForm:
        return NoteForm(*arguments, **options)

    def post(self, request: Any) -> Response:
        return Response({"by": str(request.user), "text": request.data.get("text")}, status=201)

    put = delete = post


class NotesByToken(Notes):
    authentication_classes = (TokenAuthentication, SessionAuthentication)


class Unchecked(SessionAuthentication):
    def enforce_csrf(self, request: Any) -> None:
        """Do nothing, as a much-copied answer has it."""


class CarelessNotes(Notes):
    authentication_classes = (Unchecked,)


class OwnNotes(LoginRequiredMixin, Notes):
    pass


class RuledOnly(LoginRequiredMixin, APIView):
    permission_classes = (AllowAny,)

    def post(self, request: Any) -> Response:
        return Response({"by": str(request.user)}, status=201)


class NoteSet(LoginRequiredMixin, ViewSet):
    def create(self, request: Any) -> Response:
        return Response({"by": str(request.user), "text": request.data["text"]}, status=201)


class ScriptedNotes(Notes):
    renderer_classes: ClassVar[Any] = (WithScripts, JSONRenderer)


@api_view(["POST"])
@permission_classes([AllowAny])
def anybody(request: Any) -> Response:
    return Response({"by": str(request.user), "text": request.data["text"]}, status=201)


open_urls = [
    path("notes", Notes.as_view()),
    path("by-token", NotesByToken.as_view()),
    path("careless", CarelessNotes.as_view()),
    path("scripted", ScriptedNotes.as_view()),
    path("anybody", anybody),
]
# These say themselves whom they let in.
own_urls = [
    path("own-notes", OwnNotes.as_view()),
    path("note-set", NoteSet.as_view({"post": "create"})),
    path("ruled-only", RuledOnly.as_view()),
]
