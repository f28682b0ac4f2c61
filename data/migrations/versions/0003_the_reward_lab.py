"""Flag models and their suggestions, queues of what to judge next, answers that are watched"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0003'
down_revision = '0002'

JSON = sa.JSON().with_variant(JSONB(), 'postgresql')


def upgrade() -> None:
    for name, kind, default in (
        ('suggestions', sa.Text(), 'off'), ('thresholds', JSON, '{}'), ('queues', JSON, '{}'), ('alarms', JSON, '{}'),
    ):
        op.add_column('project', sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column('task', sa.Column('extra', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('judgement', sa.Column('suggested', JSON, nullable=False, server_default='[]'))
    op.add_column('judgement', sa.Column('queue', sa.Text(), nullable=True))
    op.add_column('assignment', sa.Column('queue', sa.Text(), nullable=True))
    op.create_table('flag_model',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('card', JSON, nullable=False),
    sa.Column('weights', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_flag_model_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', 'kind', 'version', name=op.f('pk_flag_model'))
    )
    op.create_table('queued',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('queue', sa.Text(), nullable=False),
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('again', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['project_id', 'task_id'], ['task.project_id', 'task.id'], name=op.f('fk_queued_project_id_task_id_task')),
    sa.PrimaryKeyConstraint('project_id', 'queue', 'task_id', name=op.f('pk_queued'))
    )
    op.create_index(op.f('ix_queued_project_id_queue_place'), 'queued', ['project_id', 'queue', 'place'], unique=False)
    op.create_table('watched_answer',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('prompt', sa.Text(), nullable=False),
    sa.Column('response', sa.Text(), nullable=False),
    sa.Column('group', sa.Text(), nullable=False),
    sa.Column('model_version', sa.Integer(), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('unlike', sa.Float(), nullable=False),
    sa.Column('flags', JSON, nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_watched_answer_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', 'id', name=op.f('pk_watched_answer'))
    )
    op.create_index(op.f('ix_watched_answer_project_id_source_written_at'), 'watched_answer', ['project_id', 'source', 'written_at'], unique=False)
