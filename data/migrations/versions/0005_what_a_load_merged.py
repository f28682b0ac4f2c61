"""Responses merged by a load, and what it added to a project's settings or would need there"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0005'
down_revision = '0004'

JSON = sa.JSON().with_variant(JSONB(), 'postgresql')


def upgrade() -> None:
    op.add_column('load', sa.Column('merged', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('load', sa.Column('added', JSON, nullable=False, server_default='[]'))
    op.add_column('load', sa.Column('unasked', JSON, nullable=False, server_default='[]'))
