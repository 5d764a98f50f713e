"""The parts joined as `huida serve` joins them: shipped encoder, shipped intents' format, real store and index."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from assistant import bootstrap
from assistant.errors import ArtifactError, StoreError
from assistant.heads import SentimentHead
from assistant.model_versions import ModelVersions
from assistant.settings import configs_folder, load
from assistant.values import FaqEntry, Message

NLU = """version: "3.1"
nlu:
- intent: refund
  examples: |
    - 我要退货
    - 怎么退款
    - 不想要了，退给你们
- intent: shipping
  examples: |
    - 快递到哪了
    - 什么时候发货
    - 几天能送到
- intent: out_of_scope
  examples: |
    - 今天天气怎么样
    - 讲个笑话
"""
MOODS = {
    "negative": ("太差了", "很失望", "气死我了", "垃圾东西", "再也不来了", "服务太差"),
    "neutral": ("怎么退货", "运费多少", "订单到哪了", "几天发货", "可以开发票吗", "有货吗"),
    "positive": ("太棒了", "谢谢你", "很满意", "质量很好", "好评", "下次还来"),
}
FAQ = [
    FaqEntry("returns", "怎么退货？", "七天内可以退货。", ("我要退货", "退货流程是什么"), "售后", "zh"),
    FaqEntry("invoice", "怎么开发票？", "在订单页申请。", ("发票在哪里开", "能开增值税发票吗"), "售后", "zh"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder with the owner's own sentiment head, and their own intents."""
    folder = tmp_path_factory.mktemp("huida")
    (folder / "intents").mkdir()
    (folder / "intents" / "zh.yml").write_text(NLU, "utf-8")
    _, encoder = bootstrap.build_encoder(load(environment={}))
    texts, labels = zip(*((text, mood) for mood, texts in MOODS.items() for text in texts), strict=True)
    head = SentimentHead(min_df=1, encoder_version=encoder.version)
    head.fit(encoder.encode(texts), texts, labels).save(folder / "sentiment")
    versions = ModelVersions(folder / "models", bootstrap.SHIPPED)
    versions.promote("sentiment", versions.add("sentiment", folder / "sentiment").version, encoder.version)
    return folder


@pytest.fixture
def settings(folder, tmp_path):
    (tmp_path / "models").symlink_to(folder / "models")
    return load(environment={"HUIDA_DATA_DIR": str(tmp_path), "HUIDA_INTENTS": str(folder / "intents")})


def test_a_question_is_answered_from_the_faq_and_the_conversation_outlives_a_restart(settings):
    parts = bootstrap.build(settings)
    assert parts.degraded == ()
    parts.faq.import_entries(FAQ)
    message = Message("c1", "m1", "怎么退货？", datetime.now(UTC), customer_id="ann")
    turn = parts.chat.chat(message)
    chosen = parts.chat.chat(Message("c1", "m2", "怎么退货？", datetime.now(UTC), faq_id="returns"))
    assert (chosen.reply.kind, chosen.reply.text) == ("answer", "七天内可以退货。")
    assert turn.versions == parts.pipeline.versions and turn.versions.index == parts.faq.version
    parts.close()

    again = bootstrap.build(settings)
    assert again.chat.chat(message) == turn
    assert again.chat.history("c1") == (turn, chosen)
    assert again.faq.version == parts.faq.version and again.degraded == ()
    again.close()


def test_a_damaged_index_degrades_the_parts_and_chat_goes_on(settings):
    parts = bootstrap.build(settings)
    parts.faq.import_entries(FAQ)
    version = parts.faq.version
    parts.close()
    (settings.store.data_dir / "faq-index" / version / "entries.jsonl").write_text("edited")
    again = bootstrap.build(settings)
    assert len(again.degraded) == 1 and "huida faq build" in again.degraded[0]
    turn = again.chat.chat(Message("c1", "m1", "怎么退货？", datetime.now(UTC)))
    assert turn.decision.hits == () or turn.decision.hits[0].faq_id == "returns"
    again.close()


def test_the_reader_alone_needs_no_store(settings):
    (reading,) = bootstrap.build_reader(settings).read(["快递到哪了"], datetime.now(UTC))
    assert reading.intent_ranking[0].name == "shipping" and reading.sentiment.label in MOODS
    assert not (settings.store.data_dir / "huida.db").exists()


def test_a_head_that_was_edited_is_refused_by_name(settings, folder, tmp_path):
    (tmp_path / "models").unlink()
    shutil.copytree(folder / "models", tmp_path / "models")
    [manifest] = (tmp_path / "models" / "sentiment").glob("*/manifest.json")
    manifest.write_text("{}")
    with pytest.raises(ArtifactError, match="manifest.json.*huida models rollback sentiment"):
        bootstrap.build(settings)


def test_a_promoted_head_stays_when_its_examples_are_edited_and_a_line_says_so(settings, folder, tmp_path, caplog):
    from training.intents import train_intents

    (tmp_path / "models").unlink()
    shutil.copytree(folder / "models", tmp_path / "models")
    _, encoder = bootstrap.build_encoder(settings)
    versions = bootstrap.model_versions(settings)
    train_intents(encoder, [settings.models.intents], tmp_path / "new")
    version = versions.add("intents", tmp_path / "new").version
    versions.promote("intents", version, encoder.version)
    assert version in bootstrap.build_reader(settings).version and not caplog.records

    edited = tmp_path / "edited"
    edited.mkdir()
    (edited / "zh.yml").write_text(NLU.replace("几天能送到", "物流太慢了"), "utf-8")
    settings = settings.model_copy(update={"models": settings.models.model_copy(update={"intents": edited})})
    assert version in bootstrap.build_reader(settings).version
    [line] = caplog.records
    assert version in line.getMessage() and "huida train intents" in line.getMessage()


def test_shipped_intents_are_fitted_anew_when_an_example_was_edited_under_the_same_name(tmp_path, monkeypatch, caplog):
    """The shipped head stands for the examples in its configuration folder alone."""
    from training.intents import train_intents

    shipped, configs = tmp_path / "shipped", tmp_path / "configs"
    shutil.copytree(configs_folder(), configs)
    for file in (configs / "intents").iterdir():
        file.unlink()
    (configs / "intents" / "zh.yml").write_text(NLU, "utf-8")
    for kind in ("encoder", "sentiment"):
        (shipped / kind).parent.mkdir(exist_ok=True)
        (shipped / kind).symlink_to(bootstrap.SHIPPED / kind)
    monkeypatch.setattr(bootstrap, "SHIPPED", shipped)
    monkeypatch.setattr(bootstrap, "configs_folder", lambda: configs)
    settings = load(environment={"HUIDA_DATA_DIR": str(tmp_path), "HUIDA_INTENTS": str(configs / "intents")})
    _, encoder = bootstrap.build_encoder(settings)
    train_intents(encoder, [settings.models.intents], shipped / "intents")
    assert "intents-" in bootstrap.build_reader(settings).version and not caplog.records
    (configs / "intents" / "zh.yml").write_text(NLU.replace("几天能送到", "物流太慢了"), "utf-8")
    assert bootstrap.build_reader(settings).version.endswith("+fitted")
    assert "huida train intents" in caplog.text


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="data folder .*file/data cannot be made.*HUIDA_DATA_DIR"):
        bootstrap.build(load(environment={"HUIDA_DATA_DIR": str(tmp_path / "file" / "data")}))


def test_importing_the_module_loads_nothing_and_threads_are_limited_first():
    script = (
        "import os, sys; from assistant import bootstrap; "
        "assert not {'numpy', 'onnxruntime', 'faiss', 'sqlalchemy'} & sys.modules.keys(); "
        "bootstrap.limit_threads(); print(os.environ['OMP_NUM_THREADS'], os.environ['OMP_WAIT_POLICY'])"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=clean, check=True)
    assert done.stdout.split() == ["1", "PASSIVE"]
