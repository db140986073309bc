def test_everybody_sees_the_front(client):
    assert client.get("/").text == "The guild"


def test_members_read(client, enter):
    assert client.get("/minutes").status_code == 302
    assert enter("max").status_code == 302
    assert client.get("/minutes").json == {"reader": "max@guild.example", "minutes": []}
    client.post("/logout")
    assert client.get("/minutes").status_code == 302


def test_wrong_passwords(client):
    form = {"email": "max@guild.example", "password": "wrong"}
    assert client.post("/login", data=form).status_code == 200
    assert client.get("/minutes").status_code == 302


def test_clerks_write(client, enter):
    enter("cleo")
    assert client.post("/minutes", data={"text": "We met."}).status_code == 201
    assert client.get("/minutes").json["minutes"] == ["We met."]


def test_others_do_not(client, enter):
    enter("max")
    assert client.post("/minutes", data={"text": "We met."}).status_code in {302, 403}
    assert client.get("/minutes").json["minutes"] == []
