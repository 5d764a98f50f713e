"""The routes, one module per subject; api/auth.py says who may use which."""

from api.routes import chat, conversations, docs, faq, feedback, health, pages, parse, rasa

ROUTERS = [module.router for module in (chat, conversations, feedback, parse, faq, rasa, health, docs, pages)]
