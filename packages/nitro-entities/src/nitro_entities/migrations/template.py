"""The files that `init` writes."""

ENV = '''"""Alembic runs this file for each of its commands, and for those of Nitro."""

from nitro_entities import migrations

# Import the modules that define your entity classes here, so that Alembic's own command line
# knows all of them:
# import app.models

# What is given here goes to Alembic's context.configure(), such as include_object=…
migrations.run()
'''

SCRIPT = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

import sqlalchemy as sa
from alembic import op
${imports + "\\n" if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
% for way in ("upgrade", "downgrade"):
% if nitro_loses and nitro_loses[way]:

# Stored values go: ${way}() of Nitro wants allow_data_loss=True where there are any. Remove an
# entry when you have written below what keeps them.
${way}_loses = {
% for place, words in nitro_loses[way].items():
    ${repr(place)}: ${repr(words)},
% endfor
}
% endif
% if nitro_fill and nitro_fill[way]:

# TODO: write the value for the rows there are, as the text that is stored: "0", "Unknown",
# "2026-01-31". Nitro refuses to run this file as long as one is None.
${way}_fill: dict[str, str | None] = {
% for place in nitro_fill[way]:
    ${repr(place)}: None,
% endfor
}
% endif
% endfor


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''

README = """\
Each file in `versions` takes the database from one state to the next. `nitro db migrate` writes
one from the entity classes, `nitro db upgrade` runs those that a database has not had.
Read what was written before it runs, and keep the files with the code.
"""
