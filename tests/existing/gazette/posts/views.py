from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin, UserPassesTestMixin
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST
from django.views.generic import CreateView, DetailView, ListView, UpdateView

from posts.forms import PostForm, SignUpForm
from posts.models import Post


class Posts(ListView):
    queryset = Post.objects.filter(is_published=True).select_related("author")
    paginate_by = 10


class PostPage(DetailView):
    queryset = Post.objects.filter(is_published=True)


class AddPost(PermissionRequiredMixin, CreateView):
    permission_required = "posts.add_post"
    model = Post
    form_class = PostForm
    success_url = reverse_lazy("posts:drafts")

    def form_valid(self, form):
        form.instance.author = self.request.user
        messages.success(self.request, "Your draft is kept.")
        return super().form_valid(form)


class EditPost(LoginRequiredMixin, UserPassesTestMixin, UpdateView):
    model = Post
    form_class = PostForm
    success_url = reverse_lazy("posts:drafts")

    def test_func(self):
        return self.get_object().author == self.request.user


class SignUp(CreateView):
    form_class = SignUpForm
    template_name = "registration/sign_up.html"
    success_url = reverse_lazy("login")


@login_required
def drafts(request):
    return render(request, "posts/drafts.html", {"posts": request.user.posts.filter(is_published=False)})


@require_POST
@permission_required("posts.publish_post", raise_exception=True)
def publish(request, pk):
    post = get_object_or_404(Post, pk=pk)
    post.is_published = True
    post.save()
    return redirect(post)
