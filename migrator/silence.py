"""What is known and need not be said again: findings move to ``unsaid``, and with the last one goes the call.

Nothing is rewritten because of this. A call that stays, stays; only nobody is told, and no run fails for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from migrator.codes import is_wanted
from migrator.diagnostics import Level
from migrator.outcome import By, Finding, Kind, Outcome, SiteReport, Status, Unsaid, pending
from migrator.settings import Mode, Settings

# Whether a finding is known; the site is None where the finding is about the file.
Known = Callable[[Finding, SiteReport | None], bool]


def by_settings(outcome: Outcome, settings: Settings, mode: Mode) -> Outcome:
    """Give the outcome without what ``select`` and ``ignore`` leave out."""
    if not settings.select and not settings.ignore:
        return outcome
    return silenced(
        outcome, mode, By.SETTINGS, lambda said, _: not is_wanted(said.code, settings.select, settings.ignore)
    )


def silenced(outcome: Outcome, mode: Mode, by: By, known: Known) -> Outcome:
    """Give the outcome without the findings that are known; a file that failed says all the same that it did."""
    sites = tuple(_site(site, mode, by, known) for site in outcome.sites)
    if outcome.kind is Kind.FAILED:
        return replace(outcome, sites=sites)
    return replace(outcome, sites=sites, findings=tuple(it for it in outcome.findings if not known(it, None)))


def _site(site: SiteReport, mode: Mode, by: By, known: Known) -> SiteReport:
    dropped = [said for said in site.findings if known(said, site)]
    kept = tuple(said for said in site.findings if said not in dropped)
    # Only a check says that a call is pending; the others rewrite it, or show how.
    waiting = pending(site) if mode is Mode.CHECK else None
    if waiting is not None and known(waiting, site):
        dropped, kept = [waiting, *site.findings], ()
    if not dropped:
        return site
    status = site.status
    if waiting is not None and waiting in dropped:
        status = Status.SUPPRESSED
    elif status is Status.WRONG:
        status = status if any(said.level is Level.MANUAL for said in kept) else Status.SUPPRESSED
    elif status in (Status.REVIEW, Status.REFUSED) and all(said.level is Level.SAFE for said in kept):
        status, kept = Status.SUPPRESSED, ()
    unsaid = (*site.unsaid, *(Unsaid(said, by) for said in dropped))
    return replace(site, status=status, findings=kept, unsaid=unsaid)
