"""The desk as JSON: the queue, a conversation with its entries and the customer beside it, and what agents send."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import Id, In, Out, P, Text, WrittenText
from api.schemas.chat import ReplyOut
from api.schemas.faq import HitOut
from api.schemas.reading import EntityOut, ReadingOut
from assistant.customer.profile import Trend
from assistant.desk.views import CustomerPanel, Item, View
from assistant.hours import BusinessHours
from assistant.summaries import Summary
from assistant.values import Entry, Language, PostRole, Sender, SentimentLabel, State, Turn

if TYPE_CHECKING:
    from assistant.customer.scores import Score

MAX_REPLY_CHARS = 10_000  # the service has its own, lower cap in the settings and names it


class ReasonOut(Out):
    code: str
    value: P = Field(description="how strongly it speaks for this conversation, in [0, 1]")


class MoodOut(Out):
    label: SentimentLabel
    p_negative: P


class LastOut(Out):
    sender: Sender
    text: str
    at: datetime | None


class ItemOut(Out):
    conversation_id: str
    state: State
    owner: str | None = Field(description="the user name of the agent who has it")
    owner_name: str | None
    customer_id: str | None
    language: Language
    urgency: float
    reasons: list[ReasonOut] = Field(description="the heaviest first")
    waiting_s: float = Field(description="seconds since the customer waits for a person; 0 when nobody waits")
    sentiment: MoodOut = Field(description="of the customer's last message")
    last: LastOut
    n_unread: int
    sequence: int = Field(description="the last entry's")
    labels: list[str]


class HoursOut(Out):
    open: bool
    until: datetime | None = Field(None, description="when it closes, while open")
    next: datetime | None = Field(None, description="when it opens, while closed")


class QueueOut(Out):
    conversations: list[ItemOut] = Field(description="the most urgent first")
    open_hours: HoursOut


class EntryTurnOut(Out):
    turn_id: str
    text: str
    message_id: str
    reading: ReadingOut
    reply: ReplyOut
    outcome: str
    reasons: list[str]
    hits: list[HitOut]


class EntryPostOut(Out):
    post_id: str
    role: PostRole
    author: str
    author_name: str
    text: str
    event: str
    data: dict[str, Any]
    message_id: str | None


class DeskEntryOut(Out):
    sequence: int
    kind: Literal["turn", "post"]
    at: datetime
    turn: EntryTurnOut | None = None
    post: EntryPostOut | None = None


class DeskEntriesOut(Out):
    conversation: ItemOut
    entries: list[DeskEntryOut] = Field(description="oldest first")


class SummaryOut(Out):
    sentences: list[str]
    entities: list[EntityOut]
    open_question: str | None


class MoodPointOut(Out):
    at: datetime
    mood: float = Field(description="p_positive - p_negative of one message, in [-1, 1]")
    conversation_id: str


class OrderOut(Out):
    order_no: str
    status: str
    items: list[str]
    amount_cny: float
    ordered_at: datetime
    carrier: str
    tracking_no: str


class IssueOut(Out):
    conversation_id: str
    intent: str
    kind: str
    since_at: datetime


class ProfileOut(Out):
    n_turns: int
    first_contact_at: datetime | None
    last_contact_at: datetime | None
    language: Language
    mood: float = Field(description="of late, in [-1, 1]")
    usual_mood: float
    sentiment_trend: Trend
    n_sentiments: dict[str, int]
    n_intents: dict[str, int]
    open_issues: list[IssueOut]


class ScoreOut(Out):
    as_of: str
    p_churn: P
    horizon_days: int
    spend_cny: float
    expected_spend_cny: float
    segment: str = Field(description='a key such as "loyal"; "" until customers are segmented')
    segment_zh: str
    segment_en: str
    offers: list[str] = Field(description="products that they will likeliest buy next, the best first")
    new_offers: list[str] = Field(description="of the products that they never bought the likeliest, the best first")
    reasons: list[ReasonOut] = Field(description="log odds by reason: above 0 speaks for leaving; the largest first")
    base: float = Field(description="log odds of the usual customer; with the reasons they add up to those of p_churn")


class OtherIdOut(Out):
    customer_id: str
    because: str = Field(description="phone or email, shared with another id of the person; empty if not known")
    n_turns: int = Field(description="messages that came under this id")
    n_orders: int = Field(description="orders under this id, at most 100")


ALSO = "other ids of the same person, merged by phone or e-mail; all that is shown here is of all of them"


class PanelOut(Out):
    customer_id: str
    also: list[OtherIdOut] = Field(description=ALSO)
    profile: ProfileOut
    orders: list[OrderOut] = Field(description="the latest first")
    moods: list[MoodPointOut] = Field(description="of the latest messages over all conversations, oldest first")
    score: ScoreOut | None


class ViewOut(Out):
    conversation: ItemOut
    entries: list[DeskEntryOut] = Field(description="the latest 200, oldest first")
    customer: PanelOut | None
    summary: SummaryOut | None


class ReplyIn(In):
    message_id: Id = Field(description="made by the client; sending it again returns the stored post")
    text: WrittenText = Field(max_length=MAX_REPLY_CHARS)
    suggestion_id: Id | None = Field(None, description="the suggestion that this came from, edited or not")

    model_config = ConfigDict(json_schema_extra={"examples": [{"message_id": "a1", "text": "我来帮您看一下。"}]})


class NoteIn(In):
    message_id: Id
    text: WrittenText = Field(max_length=MAX_REPLY_CHARS)


class CloseIn(In):
    ask_csat: bool = True


class TransferIn(In):
    to: Id | None = Field(None, description="the user name of a colleague; without one it goes back to the queue")


class LabelsIn(In):
    labels: list[WrittenText] = Field(max_length=50)


class PostedOut(Out):
    post: DeskEntryOut


class SearchHitOut(Out):
    conversation_id: str
    sequence: int
    text: str
    at: datetime
    sender: Sender


class DeskSearchOut(Out):
    hits: list[SearchHitOut]


class CannedIn(In):
    title: WrittenText = Field(max_length=100)
    text: WrittenText = Field(max_length=MAX_REPLY_CHARS)
    language: Language = "zh"
    labels: list[Text] = Field(default=[], max_length=20)


class CannedOut(Out):
    shortcut: str
    title: str
    text: str
    language: Language
    labels: list[str]


class CannedListOut(Out):
    replies: list[CannedOut]


class TimesOut(Out):
    n: int
    p50_s: float | None = Field(description="half of the cases took no longer")
    p90_s: float | None


class AnsweredOut(Out):
    bot: int
    agent: int
    unanswered: int


class CsatOut(Out):
    n: int
    mean: float | None
    scores: dict[str, int] = Field(description='how often each score was given, "1" to "5"')


class ThumbsOut(Out):
    up: int
    down: int


class DayOut(Out):
    day: date
    waiting: TimesOut
    answered: AnsweredOut


class AgentFiguresOut(Out):
    name: str
    display_name: str
    n_conversations: int
    n_replies: int
    first_reply: TimesOut
    csat: CsatOut


class FiguresOut(Out):
    days: int
    waiting: TimesOut = Field(description="in the queue, until an agent joined")
    first_reply: TimesOut = Field(description="until an agent's first words")
    answered: AnsweredOut = Field(description="customer messages by who answered them")
    csat: CsatOut
    thumbs: ThumbsOut
    by_day: list[DayOut] = Field(description="oldest first; the last one is today in the shop's time zone")
    by_agent: list[AgentFiguresOut]


def item_out(item: Item) -> ItemOut:
    conversation, card = item.conversation, item.conversation.card
    return ItemOut(
        conversation_id=conversation.conversation_id,
        state=conversation.state,
        owner=conversation.owner,
        owner_name=card.agent_name or None,
        customer_id=conversation.customer_id,
        language=card.language,
        urgency=round(item.urgency, 3),
        reasons=[ReasonOut(code=reason.code, value=reason.value) for reason in item.reasons],
        waiting_s=round(item.waiting_s, 1),
        sentiment=MoodOut(label=card.mood, p_negative=card.p_negative),
        last=LastOut(sender=card.last_sender, text=card.last_text, at=card.last_at),
        n_unread=card.n_unread,
        sequence=conversation.n_turns,
        labels=list(card.labels),
    )


def hours_out(hours: BusinessHours, at: datetime) -> HoursOut:
    return HoursOut(open=hours.is_open(at), until=hours.ends(at), next=hours.opens(at))


def entry_out(entry: Entry) -> DeskEntryOut:
    if isinstance(entry, Turn):
        turn = EntryTurnOut(
            turn_id=entry.turn_id,
            text=entry.message.text,
            message_id=entry.message.message_id,
            reading=ReadingOut.model_validate(entry.reading),
            reply=ReplyOut.model_validate(entry.reply),
            outcome=entry.decision.outcome,
            reasons=list(entry.decision.reasons),
            hits=[HitOut.model_validate(hit) for hit in entry.decision.hits],
        )
        return DeskEntryOut(sequence=entry.sequence, kind="turn", at=entry.created_at, turn=turn)
    post = EntryPostOut(
        post_id=entry.post_id,
        role=entry.role,
        author=entry.author,
        author_name=entry.data.get("display_name") or entry.author,
        text=entry.text,
        event=entry.event,
        data=dict(entry.data),
        message_id=entry.message_id,
    )
    return DeskEntryOut(sequence=entry.sequence, kind="post", at=entry.created_at, post=post)


def view_out(view: View) -> ViewOut:
    return ViewOut(
        conversation=item_out(view.item),
        entries=[entry_out(entry) for entry in view.entries],
        customer=view.customer and panel_out(view.customer),
        summary=view.summary and summary_out(view.summary),
    )


def summary_out(summary: Summary) -> SummaryOut:
    return SummaryOut.model_validate(summary)


def panel_out(panel: CustomerPanel) -> PanelOut:
    return PanelOut(
        customer_id=panel.profile.customer_id,
        also=[OtherIdOut.model_validate(one) for one in panel.also],
        profile=ProfileOut.model_validate(panel.profile),
        orders=[OrderOut.model_validate(order) for order in panel.orders],
        moods=[MoodPointOut.model_validate(mood) for mood in panel.moods],
        score=panel.score and score_out(panel.score),
    )


_LISTS = ("reasons", "offers", "new_offers")


def score_out(score: Score) -> ScoreOut:
    return ScoreOut(
        **{name: getattr(score, name) for name in ScoreOut.model_fields if name not in _LISTS},
        offers=list(score.offers),
        new_offers=list(score.new_offers),
        reasons=[ReasonOut(code=code, value=round(value, 4)) for code, value in score.reasons],
    )
