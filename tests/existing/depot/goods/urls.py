from django.urls import include, path
from rest_framework.routers import SimpleRouter

from goods import views

router = SimpleRouter()
router.register("items", views.Items, basename="item")

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("api/", include(router.urls)),
]
