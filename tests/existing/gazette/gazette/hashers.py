from django.contrib.auth.hashers import PBKDF2PasswordHasher


class OwnPBKDF2PasswordHasher(PBKDF2PasswordHasher):
    iterations = 2000
