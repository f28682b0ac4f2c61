"""Languages, topics and gold of tasks, changes of cleaning, versions of the dataset"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0004'
down_revision = '0003'

JSON = sa.JSON().with_variant(JSONB(), 'postgresql')


def upgrade() -> None:
    for name, kind, default in (
        ('glossary', JSON, '[]'), ('seeds', JSON, '{}'), ('routes', JSON, '{}'), ('touched', sa.Integer(), '0'),
    ):
        op.add_column('project', sa.Column(name, kind, nullable=False, server_default=default))
    for name, kind, default in (
        ('language', sa.Text(), ''), ('topics', JSON, '[]'), ('gold', sa.Boolean(), sa.false()),
        ('route', sa.Text(), ''), ('is_aside', sa.Boolean(), sa.false()),
    ):
        op.add_column('task', sa.Column(name, kind, nullable=False, server_default=default))
    op.create_index(op.f('ix_task_project_id_is_aside'), 'task', ['project_id', 'is_aside'], unique=False)
    op.create_table('change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('batch', sa.Text(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('part', sa.Text(), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_by', sa.Text(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id', 'task_id'], ['task.project_id', 'task.id'], name=op.f('fk_change_project_id_task_id_task')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_change'))
    )
    op.create_index(op.f('ix_change_project_id_task_id'), 'change', ['project_id', 'task_id'], unique=False)
    op.create_table('dataset_version',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('format', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('choice', JSON, nullable=False),
    sa.Column('files', JSON, nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('left_out', JSON, nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_dataset_version_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', 'number', name=op.f('pk_dataset_version'))
    )
    op.create_table('dataset_block',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['project_id', 'number'], ['dataset_version.project_id', 'dataset_version.number'], name=op.f('fk_dataset_block_project_id_number_dataset_version')),
    sa.PrimaryKeyConstraint('project_id', 'number', 'file', 'at', name=op.f('pk_dataset_block'))
    )
