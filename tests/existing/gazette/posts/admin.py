from django.contrib import admin

from posts.models import Post


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ("title", "author", "is_published")
    list_filter = ("is_published",)
    search_fields = ("title", "body")
