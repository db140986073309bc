from django.contrib import admin
from django.urls import include, path
from rest_framework.authtoken.views import obtain_auth_token

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api-auth/", include("rest_framework.urls")),
    path("api-token/", obtain_auth_token),
    path("rest-auth/", include("dj_rest_auth.urls")),
    path("", include("goods.urls")),
]
