"""What labels have taught about sensitive topics, and by what the tasks were read"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0007'
down_revision = '0006'

JSON = sa.JSON().with_variant(JSONB(), 'postgresql')


def upgrade() -> None:
    op.create_table('topic_model',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('learned', JSON, nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_topic_model_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_topic_model'))
    )
    op.create_table('topic_reading',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_topic_reading_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_topic_reading'))
    )
