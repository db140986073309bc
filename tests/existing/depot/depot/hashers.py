from django.contrib.auth.hashers import BCryptSHA256PasswordHasher


class OwnBCryptSHA256PasswordHasher(BCryptSHA256PasswordHasher):
    rounds = 5
