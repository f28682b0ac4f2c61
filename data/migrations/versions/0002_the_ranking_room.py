"""What is asked beyond a ranking; tasks in hand with their drafts; settings of people"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from data.schemas import STANDARD_FLAGS, STANDARD_TOPICS

revision = '0002'
down_revision = '0001'

JSON = sa.JSON().with_variant(JSONB(), 'postgresql')


def upgrade() -> None:
    for name, kind, default in (
        ('flags', JSON, '[]'), ('topics', JSON, '[]'), ('criteria', JSON, '[]'),
        ('scores', sa.Boolean(), sa.false()), ('review', sa.Boolean(), sa.false()),
    ):
        op.add_column('project', sa.Column(name, kind, nullable=False, server_default=default))
    # Until now every project had the same flags; from now on each has its own, which begin as those of a new one.
    project = sa.table('project', sa.column('flags', JSON), sa.column('topics', JSON))
    op.execute(sa.update(project).values(
        flags=[flag.model_dump() for flag in STANDARD_FLAGS], topics=[topic.model_dump() for topic in STANDARD_TOPICS]
    ))
    for name, kind, default in (
        ('criteria', JSON, '{}'), ('scores', JSON, '{}'), ('unrankable', sa.Boolean(), sa.false()),
        ('edits', JSON, '[]'), ('reference', sa.Text(), ''),
    ):
        op.add_column('judgement', sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column('task', sa.Column('is_open', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index(op.f('ix_task_project_id_is_open_position'), 'task', ['project_id', 'is_open', 'position'], unique=False)
    op.create_table('standing',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('annotator', sa.Text(), nullable=False),
    sa.Column('judgement_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgement.id'], name=op.f('fk_standing_judgement_id_judgement')),
    sa.PrimaryKeyConstraint('project_id', 'task_id', 'annotator', name=op.f('pk_standing'))
    )
    op.create_index(op.f('ix_standing_project_id_annotator_status_created_at'), 'standing', ['project_id', 'annotator', 'status', 'created_at'], unique=False)
    op.create_index(op.f('ix_standing_project_id_annotator_is_open_position'), 'standing', ['project_id', 'annotator', 'is_open', 'position'], unique=False)
    op.execute("""
        INSERT INTO standing (project_id, task_id, annotator, judgement_id, status, created_at, position, is_open)
        SELECT old.project_id, task_id, annotator, old.id, status, created_at, position, true FROM judgement AS old
        JOIN task ON task.project_id = old.project_id AND task.id = task_id
        WHERE status <> 'withdrawn' AND NOT EXISTS (
            SELECT 1 FROM judgement AS new WHERE new.project_id = old.project_id AND new.task_id = old.task_id
            AND new.annotator = old.annotator AND new.revision > old.revision)
    """)
    op.execute("""
        UPDATE task SET is_open = (
            SELECT count(*) FROM standing
            WHERE standing.project_id = task.project_id AND task_id = task.id AND status = 'submitted'
        ) < (SELECT overlap FROM project WHERE project.id = task.project_id)
    """)
    op.execute("""
        UPDATE standing SET is_open = (
            SELECT task.is_open FROM task WHERE task.project_id = standing.project_id AND task.id = standing.task_id)
    """)
    op.create_table('assignment',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('annotator', sa.Text(), nullable=False),
    sa.Column('base_revision', sa.Integer(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('draft', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['project_id', 'task_id'], ['task.project_id', 'task.id'], name=op.f('fk_assignment_project_id_task_id_task')),
    sa.PrimaryKeyConstraint('project_id', 'task_id', 'annotator', name=op.f('pk_assignment'))
    )
    op.create_index(op.f('ix_assignment_project_id_annotator_given_at'), 'assignment', ['project_id', 'annotator', 'given_at'], unique=False)
    op.create_table('person',
    sa.Column('annotator', sa.Text(), nullable=False),
    sa.Column('settings', JSON, nullable=False),
    sa.PrimaryKeyConstraint('annotator', name=op.f('pk_person'))
    )
