"""The only place where parts are made and joined: settings in, a running assistant out.

    parts = build(settings.load())
    parts.chat.chat(message); parts.reader.read([text], at); parts.faq.find(query)
    parts.close()

Imports happen inside the functions, after the number of threads is set: OpenMP and BLAS read it when they are loaded.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import StoreError
from assistant.model_versions import ModelVersions
from assistant.settings import Settings, configs_folder

if TYPE_CHECKING:
    from assistant.actions import Orders
    from assistant.batch.scoring import ModelScorer
    from assistant.desk.service import Desk
    from assistant.drafts import FaqDrafts
    from assistant.encoder import Encoder
    from assistant.faq import FaqService, Imported
    from assistant.heads import IntentHead
    from assistant.hours import BusinessHours
    from assistant.intents import IntentExamples
    from assistant.pipeline import Pipeline
    from assistant.reader import Reader
    from assistant.service import ChatService
    from assistant.store import Store
    from assistant.suggestion_service import SuggestionService
    from assistant.text import Segmenter

logger = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a server, a command or a test works with."""

    settings: Settings
    store: Store
    reader: Reader
    faq: FaqService
    pipeline: Pipeline
    chat: ChatService
    desk: Desk
    suggestions: SuggestionService
    drafts: FaqDrafts

    @property
    def degraded(self) -> tuple[str, ...]:
        """What runs on a fall-back at the moment, one line each; empty when all is well."""
        return (f"faq: {self.faq.degraded}",) if self.faq.degraded else ()

    def close(self) -> None:
        self.store.close()


def build(settings: Settings) -> Parts:
    """Open the store, load the models and the index, and join them. Raises AssistantError with one clear line."""
    limit_threads()
    from assistant.desk.reception import Reception
    from assistant.faq import FaqService
    from assistant.index_versions import IndexVersions
    from assistant.pipeline import Pipeline
    from assistant.policy import Rules
    from assistant.replies import Replies
    from assistant.service import ChatService
    from assistant.values import OUT_OF_SCOPE

    models, chat = settings.models, settings.chat
    store = open_store(settings)
    try:
        segmenter, encoder = build_encoder(settings)
        examples = _examples(settings)
        reader = _reader(settings, encoder, segmenter, examples)
        none_texts = [example.text for example in examples.examples if example.intent == OUT_OF_SCOPE]
        root = settings.store.data_dir / "faq-index"
        versions = IndexVersions(
            root, encoder, segmenter, none_texts, settings.faq.n_index_versions, _ready_made(settings)
        )
        faq = FaqService(store, versions)
        orders = order_lookup(settings, store)
        rules = Rules(
            max_wrong_answers=settings.policy.max_wrong_answers,
            action_intents=frozenset(settings.actions.order_intents),
        )
        replies = Replies.load(models.replies / "zh.toml", models.replies / "en.toml")
        pipeline = Pipeline(reader, faq, rules, replies, orders)
        hours = opening_hours(settings)
        service = ChatService(
            store,
            pipeline,
            n_context_turns=chat.n_context_turns,
            max_text_chars=chat.max_text_chars,
            max_id_chars=chat.max_id_chars,
            reception=Reception(hours, replies),
        )
        desk = build_desk(settings, store, segmenter, hours)
        suggestions, drafts = build_suggestions(settings, store, reader, faq)
    except BaseException:
        store.close()
        raise
    return Parts(settings, store, reader, faq, pipeline, service, desk, suggestions, drafts)


def order_lookup(settings: Settings, store: Store) -> Orders:
    """Where orders are looked up. Raises InputError for a webhook that can never work."""
    from assistant.actions import StoredOrders, WebhookOrders
    from assistant.webhook import Webhook

    actions = settings.actions
    if not actions.order_webhook_url:
        return StoredOrders(store)
    return WebhookOrders(
        Webhook(
            actions.order_webhook_url,
            actions.order_webhook_secret,
            actions.webhook_timeout_s,
            actions.webhook_retries,
            actions.webhook_allow_private,
        )
    )


def build_suggestions(
    settings: Settings, store: Store, reader: Reader, faq: FaqService
) -> tuple[SuggestionService, FaqDrafts]:
    """Suggested replies, learned from the log of this store, and the drafts and gaps of its FAQ."""
    from assistant.drafts import FaqDrafts
    from assistant.suggestion_service import SuggestionService

    return SuggestionService(store, reader, faq, settings.store.data_dir / "suggestions"), FaqDrafts(store, reader, faq)


def opening_hours(settings: Settings) -> BusinessHours:
    """Raises InputError naming the line that cannot be read."""
    from assistant.hours import BusinessHours

    return BusinessHours.parse(settings.desk.open_hours, settings.models.time_zone, settings.desk.closed_days)


def build_desk(settings: Settings, store: Store, segmenter: Segmenter, hours: BusinessHours) -> Desk:
    """The agents' side of the store; customers' scores are read from the data folder when there are any."""
    from assistant.customer.score_book import ScoreBook
    from assistant.desk.service import Desk
    from assistant.desk.urgency import Weights

    scores = ScoreBook(settings.store.data_dir / "customers" / "scores")
    return Desk(store, segmenter.words, hours, scores, Weights(), settings.chat.max_text_chars)


def build_reader(settings: Settings) -> Reader:
    """The reader alone, for `parse` and batch work: no store, no FAQ."""
    limit_threads()
    segmenter, encoder = build_encoder(settings)
    return _reader(settings, encoder, segmenter, _examples(settings))


def build_scorer(settings: Settings, masked: bool = False, with_faq: bool = True) -> ModelScorer:
    """What a worker of batch work holds: the reader, and the FAQ's index when one was built in the data folder."""
    limit_threads()
    from assistant.batch.scoring import ModelScorer
    from assistant.entities import EntityExtractor, EntityRules

    segmenter, encoder = build_encoder(settings)
    reader = _reader(settings, encoder, segmenter, _examples(settings))
    index = None
    if with_faq and (root := settings.store.data_dir / "faq-index").is_dir():
        from assistant.index_versions import IndexVersions

        index = IndexVersions(root, encoder, segmenter).open()[0]
    extractor = EntityExtractor(EntityRules(settings.models.order_formats, settings.models.time_zone))
    return ModelScorer(reader, extractor, index and index.search, index.version if index else "", masked)


def build_encoder(settings: Settings) -> tuple[Segmenter, Encoder]:
    """The segmenter with the owner's words, and the encoder that reads its words."""
    limit_threads()
    from assistant.encoder import load_encoder
    from assistant.text import Segmenter

    segmenter = Segmenter(settings.models.userdict)
    name = settings.models.encoder
    folder = model_folder(settings, "encoder") if name == "shipped" else name
    return segmenter, load_encoder(folder, segmenter, settings.models.n_threads)


def open_store(settings: Settings, *, check: bool = True) -> Store:
    """Open the database that the settings name; its folder is made with mode 0700. Raises StoreError."""
    from assistant.store import open_store

    try:
        settings.store.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the data folder {settings.store.data_dir} cannot be made ({error.strerror}); set HUIDA_DATA_DIR to one "
            "that can be written"
        ) from error
    return open_store(settings.database_url, check=check, busy_timeout_ms=settings.store.busy_timeout_ms)


def load_demo(parts: Parts) -> Imported:
    """Fill the parts' store, which should be a throw-away one, with the demo shop's FAQ and orders."""
    from assistant.demo import load_demo

    return load_demo(configs_folder() / "demo", parts.store, parts.faq)


def _ready_made(settings: Settings) -> Path | None:
    """The demo shop's index, where nothing that shapes an index differs from what it was made with."""
    configs, models = configs_folder(), settings.models
    as_shipped = (models.userdict, models.intents) == (configs / "userdict.txt", configs / "intents")
    return SHIPPED / "demo-index" if as_shipped else None


def limit_threads() -> None:
    """Let no library split its arithmetic: our matrices are small, and whole texts run side by side instead.

    Has its effect when it is called before numpy, scikit-learn, FAISS and onnxruntime are imported.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin while they wait starve the others


def model_versions(settings: Settings) -> ModelVersions:
    """The owner's models in the data folder, over the shipped ones."""
    return ModelVersions(settings.store.data_dir / "models", SHIPPED)


def model_folder(settings: Settings, kind: str, encoder_version: str = "") -> Path:
    """The folder of a model: the one that the owner promoted last for this encoder, or else the shipped one."""
    return model_versions(settings).live(kind, encoder_version)


def _reader(settings: Settings, encoder: Encoder, segmenter: Segmenter, examples: IntentExamples) -> Reader:
    from assistant.entities import EntityExtractor, EntityRules
    from assistant.heads import SentimentHead
    from assistant.reader import Reader

    sentiment = SentimentHead.load(model_folder(settings, "sentiment", encoder.version))
    intents = _intents(settings, encoder, examples)
    extractor = EntityExtractor(EntityRules(settings.models.order_formats, settings.models.time_zone))
    return Reader(encoder, sentiment, intents, extractor, segmenter, settings.models.n_threads)


def _examples(settings: Settings) -> IntentExamples:
    from assistant.intents import read_nlu

    return read_nlu([settings.models.intents])


def _intents(settings: Settings, encoder: Encoder, examples: IntentExamples) -> IntentHead:
    """The head that was promoted, the shipped one where it knows these examples, or one fitted now: that takes seconds."""
    from assistant.gazetteer import Gazetteer
    from assistant.heads import IntentHead
    from assistant.values import OUT_OF_SCOPE

    folder, shipped = model_folder(settings, "intents", encoder.version), SHIPPED / "intents"
    if folder != shipped:
        head = IntentHead.load(folder)
        if head.examples_digest != examples.digest:  # promoted by the owner, so it stays until they train or roll back
            logger.warning(
                "%s serves, fitted before the examples in %s were edited; huida train intents takes the edits up",
                head.version_,
                settings.models.intents,
            )
        return head
    # the shipped head knows the shipped examples; an owner's, even of the same names, are another matter
    if shipped.is_dir() and settings.models.intents == configs_folder() / "intents":
        head = IntentHead.load(shipped)
        same = head.examples_digest in (examples.digest, "") and {*head.classes_} == {*examples.labels, OUT_OF_SCOPE}
        if same and head.encoder_version == encoder.version:
            return head
    logger.warning("fitting intents at start; huida train intents keeps the result")
    head = IntentHead(
        gazetteer=Gazetteer(examples.names, examples.regexes),
        encoder_version=encoder.version,
        examples_digest=examples.digest,
    )
    return head.fit(encoder.encode(examples.texts), examples.texts, examples.labels)
