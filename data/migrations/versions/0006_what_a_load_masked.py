"""Personal data that a load masked, by kind"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0006'
down_revision = '0005'

JSON = sa.JSON().with_variant(JSONB(), 'postgresql')


def upgrade() -> None:
    op.add_column('load', sa.Column('masked', JSON, nullable=False, server_default='{}'))
