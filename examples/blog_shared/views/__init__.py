"""What the blog's templates read: plain values with everything worked out beforehand.

Every address is relative to the site and made by the application. Text is escaped by the templates;
a body of type `Markup`, or any other string with ``__html__``, is put in as it is.

``page`` is the model named here, and pages with a form read ``form`` (`bastide.pages.FormView`)
beside it. The administration's pages also read ``sections``, a tuple of `Link`.

======================== =================================== ====
template (blog/...)      page                                form
======================== =================================== ====
index.html               `IndexPage`
post.html                `PostPage`                          or None
post_form.html           `PostFormPage`                      yes
my_posts.html            `MyPostsPage`
author.html              `AuthorPage`
profile_form.html                                            yes
contact.html                                                 yes
contact_sent.html
away.html                `AwayPage`
moderation.html          `ModerationPage`
admin/dashboard.html     `DashboardPage`
admin/users.html         `UsersPage`
admin/user.html          `UserPage`
admin/locks.html         ``rows``: tuple of `LockRow`
admin/log.html           `LogPage`
admin/csp_reports.html   ``rows``: tuple of `ViolationRow`
admin/messages.html      `MessagesPage`
dev_mail.html            ``rows``: tuple of `MailRow`
dev_message.html         `MailPage`
======================== =================================== ====
"""
