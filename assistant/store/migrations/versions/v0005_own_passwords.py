"""Passwords that somebody else drew are to be changed at the first sign-in.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    column = sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("users", column)  # who works here already keeps what they have
