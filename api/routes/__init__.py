"""The routes, one module per subject; api/auth.py says who may use which."""

from api.routes import chat, conversations, docs, faq, feedback, health, pages, parse, rasa, session, users

_MODULES = (chat, conversations, feedback, parse, session, users, faq, rasa, health, docs, pages)
ROUTERS = [module.router for module in _MODULES]
