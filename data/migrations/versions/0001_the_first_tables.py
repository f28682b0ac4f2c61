"""The first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0001'
down_revision = None

JSON = sa.JSON().with_variant(JSONB(), 'postgresql')


def upgrade() -> None:
    op.create_table('project',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('guideline', sa.Text(), nullable=False),
    sa.Column('overlap', sa.Integer(), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project')),
    sa.UniqueConstraint('name', name=op.f('uq_project_name'))
    )
    op.create_table('load',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('format', sa.Text(), nullable=False),
    sa.Column('licence', sa.Text(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('rows_used', sa.Integer(), nullable=False),
    sa.Column('rows_rejected', sa.Integer(), nullable=False),
    sa.Column('tasks', sa.Integer(), nullable=False),
    sa.Column('judgements', sa.Integer(), nullable=False),
    sa.Column('rejections', JSON, nullable=False),
    sa.Column('loaded_by', sa.Text(), nullable=False),
    sa.Column('loaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_load_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_load'))
    )
    op.create_index(op.f('ix_load_project_id'), 'load', ['project_id'], unique=False)
    op.create_table('reward_model',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('card', JSON, nullable=False),
    sa.Column('weights', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_reward_model_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', 'version', name=op.f('pk_reward_model'))
    )
    op.create_table('task',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('prompt', JSON, nullable=False),
    sa.Column('responses', JSON, nullable=False),
    sa.Column('group', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_task_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', 'id', name=op.f('pk_task')),
    sa.UniqueConstraint('project_id', 'position', name=op.f('uq_task_project_id_position'))
    )
    op.create_table('judgement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('annotator', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('ranking', JSON, nullable=False),
    sa.Column('none_acceptable', sa.Boolean(), nullable=False),
    sa.Column('flags', JSON, nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('skip_reason', sa.Text(), nullable=True),
    sa.Column('shown_order', JSON, nullable=False),
    sa.Column('seconds', sa.Float(), nullable=True),
    sa.Column('margin', sa.Float(), nullable=True),
    sa.Column('idempotency_key', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id', 'task_id'], ['task.project_id', 'task.id'], name=op.f('fk_judgement_project_id_task_id_task')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_judgement')),
    sa.UniqueConstraint('project_id', 'idempotency_key', name=op.f('uq_judgement_project_id_idempotency_key')),
    sa.UniqueConstraint('project_id', 'task_id', 'annotator', 'revision', name=op.f('uq_judgement_project_id_task_id_annotator_revision'))
    )
    op.create_index(op.f('ix_judgement_project_id_annotator_id'), 'judgement', ['project_id', 'annotator', 'id'], unique=False)
