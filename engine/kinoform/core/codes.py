"""Every error code that a user can meet, with the rule it stands for: the rooms' tables in one.

A table per part lies in `codes_<part>.py`; a test finds duplicates, unknown and unused codes.
"""

from __future__ import annotations

from kinoform.core import (
    codes_api,
    codes_cli,
    codes_emulate,
    codes_language,
    codes_lock,
    codes_media,
    codes_models,
    codes_pages,
    codes_picks,
    codes_settings,
    codes_settling,
    codes_sharing,
    codes_source,
    codes_stores,
    codes_tasks,
)

TABLES: dict[str, dict[str, str]] = {
    "api": codes_api.CODES,
    "cli": codes_cli.CODES,
    "emulate": codes_emulate.CODES,
    "language": codes_language.CODES,
    "lock": codes_lock.CODES,
    "media": codes_media.CODES,
    "models": codes_models.CODES,
    "pages": codes_pages.CODES,
    "picks": codes_picks.CODES,
    "settings": codes_settings.CODES,
    "settling": codes_settling.CODES,
    "sharing": codes_sharing.CODES,
    "source": codes_source.CODES,
    "stores": codes_stores.CODES,
    "tasks": codes_tasks.CODES,
}
CODES: dict[str, str] = {code: rule for table in TABLES.values() for code, rule in table.items()}
