"""Hashes of one password as other libraries made them: cheap ones, kept as they came out.

werkzeug 3.1, Django 5.2, libpass 1.9, bcrypt 5.0, argon2-cffi 25.1 and Flask-Security-Too 5.9.
"""

from typing import Final

from bastide.core.foundation import Secret

OLD_PASSWORD: Final = "correct horse Bättery"
OLD_HASHES: Final = {
    "werkzeug scrypt": "scrypt:1024:8:1$ACymOfEmZ2NgHzR0$6506d6e9c95bd4258b37cce9a689f9ef2f4e0f8bcbe35af50194e9f446101c24c2c49122f8ec762acfedf9c3823d2df95acbc3711044429ed7e2d4164b2d7a5f",
    "werkzeug pbkdf2 sha256": "pbkdf2:sha256:1000$SCyMLn9zoZ3CipaP$ab087786c9ba9b8920ae76d85816613b7f73c771cf2a5a4b2d8561d3c29d5f75",
    "werkzeug pbkdf2 sha512": "pbkdf2:sha512:1000$Bn9Toj1DSAKkmzGT$02ade0b27b69b76c952880e0fb30eb436e24b5733a14fb49ef5fb3894d09a56e65d06b2b1b042b86f2789adb6f0c9756aa20ae56cb444fe8067a6c7a335a97bb",
    "django pbkdf2_sha256": "pbkdf2_sha256$1000$Tpq3JV5EHTbjQiHFtPolcf$dbEhCWP11VFeehI/PAj6h+2mdklvtzxKQni2/0hFox8=",
    "django pbkdf2_sha1": "pbkdf2_sha1$1000$mElzvCw0KVT0UM6KGKJrTb$0xr7b6l8JbruPsgj89Cwau1vIbc=",
    "django scrypt": "scrypt$1024$TGH3BG4irTSdVfNibyseqy$8$5$wnrrUbZqO+lpu7cqwgq7NpFxDML9vAr6Z8aydGKBgMkkhly/juJzYSZLJzxZ7oV00PVnAR6RGlqZk3MfSmkK1w==",
    "django bcrypt": "bcrypt$$2b$04$pTiOKWxIby8vgcDLc1J4c.i8aLr56CYk/M15G.xKAAqSxdvlrgP2K",
    "django bcrypt_sha256": "bcrypt_sha256$$2b$04$OgyXpqkP2VvzxtHB0h//GuUfQh5tSxJRc7LR2VPS.ibvZzhRPxAHW",
    "django argon2": "argon2$argon2id$v=19$m=64,t=1,p=2$bUJQU3hhV3o0TDJXOFZJZjZIVVFVRA$XRAx201s5CDoYu+EhfgFbt76PrDP6+Fgz1w30SgHQlI",
    "passlib pbkdf2-sha1": "$pbkdf2$1000$/V.LsVaKkbI2hrBWijFGCA$hz06eZpVvMKBI/GFvNpaRmPHpjA",
    "passlib pbkdf2-sha256": "$pbkdf2-sha256$1000$.D9H6B3jfO9dS2ltzTmH0A$0Jc0uyLH52LXcXNd4MAvVmJkMdZMC06lL5i2p6z94LE",
    "passlib pbkdf2-sha512": "$pbkdf2-sha512$1000$WUtpDUHI.V8rJYTwfu8dgw$5uiRa1S1.m2K1GOzJv1ZXzoWAR6QLXPU4RJdrtkOUWLA3eMjgWDCC3MC5.eQqEfKx1qH1M2f.RDDhXWSNfxojQ",
    "passlib scrypt": "$scrypt$ln=10,r=8,p=1$k3IOYQzh3DvH2NvbOydkjA$+8c9uZyAHHIEWTjA9b1vxEjS483nPqwqyVg7TzbVsqE",
    "passlib bcrypt-sha256 v2": "$bcrypt-sha256$v=2,t=2b,r=4$2w75QEkpN0i/SMyJ4k6ecu$kGf5NwSDsoVZRCZL6/VbtsGq7ipaXgy",
    "passlib bcrypt-sha256 v1": "$bcrypt-sha256$2b,4$9sTEZgsGn4ZiHJPFGTvvlu$8LvWiUvOCuEPKkNzWW8sp0sD6NRt.f.",
    "argon2i": "$argon2i$v=19$m=64,t=1,p=1$V6r1/l/rfY8RAuA8R+jduw$r+zfWhw1DTN1nSqn57yZpV8uu2Ux+w5pfkGBrTp2byE",
    "argon2d": "$argon2d$v=19$m=64,t=1,p=1$cS0A2JviqeW/M1G8rLHrkQ$w5YlxrpD3YTPnTxZapEL1BYhJGPfdFlSF0HdxBYSvIY",
    "bcrypt 2a": "$2a$04$fl783iGLpcZdLE.W70X1buZycuKPOs43mzth5UQgnzan7YPrHXjkK",
    "bcrypt 2b": "$2b$04$iqFnOmaAkhWWDcrGN84.OuIo0NcJoiEXj2IB1l3wHsCDy7RiNxJKG",
    "bcrypt 2y": "$2y$04$iqFnOmaAkhWWDcrGN84.OuIo0NcJoiEXj2IB1l3wHsCDy7RiNxJKG",
}

# Made by `hash_password`, of the password as typed and as Flask-Security's forms normalise it.
KEYED_SALT: Final = Secret("146585145368132386173505678016728509634")
KEYED_HASHES: Final = {
    "bcrypt": "$2b$04$uYthnncjOpY3hxiffRKQ5evJ6xcJZ6oNVsvVLUcoGVipuLMCwCsgC",
    "bcrypt NFKD": "$2b$04$bOQKb/vMzWr33EWVF8/X4.evhsglXa7SnLMoh.gOwKEA5SphNahvC",
    "argon2": "$argon2id$v=19$m=64,t=1,p=1$BMBYi7EWghDi/D8nBACgVA$PsZn6ZQofhB2L1mljBtCZtV+QayLeDxmECNU1ggGCE8",
    "argon2 NFKD": "$argon2id$v=19$m=64,t=1,p=1$KUXIGWMshZDSutea09o7Zw$l0QNQkX8hkSrDWAAgpd+4vtTW02580rz9EJkoOwhHU8",
    "pbkdf2_sha512": "$pbkdf2-sha512$1000$yLn3PgcAAEDoXcsZw3jPGQ$rO9Froox.GaNxHfE/Vpnx5SpAErL/gVuP0tejy4FRedZNsEJyrxwUPiduiSXodHuAzwX.vzzcVHmmTRmTTS2PQ",
    "pbkdf2_sha512 NFKD": "$pbkdf2-sha512$1000$4pzTGiNEKKUUQggBAMB4Lw$hbOqNuKfkh.ziwPtAze5Sh2H..08ALu6XDJjhIoS9gcdXu9MLcLerlWl.I39NzZsz1dLWbxUS45R8Ar9/9K3Fw",
}

# Format that the settings name: a hash of it, as Django's removed hasher and werkzeug before 3 spelled them.
WEAK_HASHES: Final = {
    "hex_md5": "fb64fed449d4c516b302bcf31b96d97d",
    "hex_sha1": "6889083181e5d00ae482b19c46b8a65a5bfd3d42",
    "hex_sha256": "62a4b9c030d2d0d2e3c8ed86937961ab8abf40c5dc3b1517bfa2240f4c2e5d7d",
    "hex_sha512": "3ed6b9273e8dde98693f285978d6b1c61cce94fb2f6882abcb3bd3113a67e1cbb976bde61439a662f97b488d5c80524b7358a543871e8f205d5fd45d45bc5851",
    "django_md5": "md5$930Nm3TnOgC21s5NmitVAd$97fffc3d9e5e54b427291740750500db",
    "django_sha1": "sha1$a1b2c3$efbbbc0442f4d1591fc11ab516f6bf014bc023c6",
    "werkzeug_md5": "md5$Zx81kfQa$5da73bbb9d532dcde891968bf23472ea",
    "werkzeug_sha1": "sha1$Zx81kfQa$4fdb3d3a6ad0b138f4ce8e97a00c1647af7163ff",
    "werkzeug_sha256": "sha256$Zx81kfQa$964d13e0c368ebbe6f9fae0b949e7f8dd6a60dd880e5c82402460806c2c5ba27",
    "werkzeug_sha512": "sha512$Zx81kfQa$02a5adae48109180edb42a979e02ac5c8c9af89415a63a4f456db3fc9029bf90c508dd03b651b147c500b51d25914a6b0fd1da7f7e197de5cde580435d1d43cf",
}
