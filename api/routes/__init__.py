"""The routes, one module per subject; api/auth.py says who may use which."""

from api.routes import (
    chat,
    conversations,
    customers,
    desk,
    desk_tools,
    docs,
    faq,
    feedback,
    health,
    live,
    pages,
    parse,
    rasa,
    reports,
    session,
    suggestions,
    users,
    visitor,
)

_MODULES = (
    chat,
    conversations,
    visitor,
    live,
    desk,
    suggestions,
    desk_tools,
    feedback,
    parse,
    session,
    users,
    customers,
    faq,
    reports,
    rasa,
    health,
    docs,
    pages,
)
ROUTERS = [module.router for module in _MODULES]
