from django.urls import path

from posts import views

app_name = "posts"
urlpatterns = [
    path("", views.Posts.as_view(), name="list"),
    path("posts/<int:pk>/", views.PostPage.as_view(), name="detail"),
    path("posts/new/", views.AddPost.as_view(), name="add"),
    path("posts/<int:pk>/edit/", views.EditPost.as_view(), name="edit"),
    path("posts/<int:pk>/publish/", views.publish, name="publish"),
    path("drafts/", views.drafts, name="drafts"),
    path("sign-up/", views.SignUp.as_view(), name="sign_up"),
]
