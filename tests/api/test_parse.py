"""POST /v1/parse: readings, and on request the weight of every word."""


def test_words_are_weighed_on_request_alone(client):
    plain, explained = (
        client.post("/v1/parse", json={"texts": ["我要退货"], "explain": explain}).json()["readings"][0]
        for explain in (False, True)
    )
    assert "explanation" not in plain
    words = explained.pop("explanation")
    assert explained == plain
    assert "".join(word["word"] for word in words) == "我要退货"
    assert {"start", "end", "sentiment", "intent"} < words[0].keys()


def test_a_request_explains_a_few_texts_at_most(client):
    done = client.post("/v1/parse", json={"texts": ["hi"] * 33, "explain": True})
    assert (done.status_code, done.json()["error"]["field"]) == (422, "texts")
    assert len(client.post("/v1/parse", json={"texts": ["hi"] * 33}).json()["readings"]) == 33
