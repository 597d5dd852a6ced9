"""The project's database: SQLAlchemy 2 models, engine, migrations. Stands alone and knows nothing of Labeler.

Imported as `labeler_db`; the folder `db/` above it is only a source root, so that installing Labeler never adds a
module called `db`.
"""
