"""The commands of `huida`: names, groups and order. What each does stands in api/commands, how it starts in api.__main__."""

from __future__ import annotations

import typer

from api.commands import (
    analyze,
    bench,
    chat,
    customers,
    db,
    evaluate,
    faq,
    models,
    parse,
    report,
    serve,
    suggestions,
    token,
    train,
    user,
)
from api.commands.common import Commands

HELP = """慧答 Huida: a self-hosted customer-service assistant in Chinese and English.

Start with `huida demo`; your own shop with `huida faq import FILE` and `huida serve`.
"""
TALK, KNOW, LEARN, RUN = "Talk", "What it knows", "Training and figures", "Operation"

app = typer.Typer(
    cls=Commands,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,  # locals hold customers' words
    context_settings={"help_option_names": ["--help"]},
)
app.command(rich_help_panel=TALK)(serve.demo)
app.command(rich_help_panel=TALK)(serve.serve)
app.command(rich_help_panel=TALK)(chat.chat)
app.command(rich_help_panel=TALK)(parse.parse)
app.command(rich_help_panel=TALK)(analyze.analyze)
app.command(rich_help_panel=TALK)(report.report)
app.add_typer(faq.app, name="faq", rich_help_panel=KNOW)
app.add_typer(customers.app, name="customers", rich_help_panel=KNOW)
app.add_typer(suggestions.app, name="suggestions", rich_help_panel=LEARN)
app.add_typer(train.app, name="train", rich_help_panel=LEARN)
app.command(rich_help_panel=LEARN)(evaluate.evaluate)
app.command(rich_help_panel=LEARN)(bench.bench)
app.add_typer(models.app, name="models", rich_help_panel=LEARN)
app.add_typer(db.app, name="db", rich_help_panel=RUN)
app.add_typer(user.app, name="user", rich_help_panel=RUN)
app.add_typer(token.app, name="token", rich_help_panel=RUN)
