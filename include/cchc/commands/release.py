"""`cchc release`: what was published, and whether it is still what it was."""

from __future__ import annotations

import sys

import click

from cchc import night, output
from cchc.commands.options import FORMAT, say
from cchc.errors import ConfigurationError
from cchc.publishing import anchor_file, chain, timestamps, verification
from cchc.publishing import release as releases
from cchc.publishing.sites import copies, place
from cchc.settings import settings


@click.group()
def release() -> None:
    """Show what was published."""


@release.command("list")
@FORMAT
def release_list(form: output.Format) -> None:
    """Print the releases, newest first."""
    columns = (
        ("release_id", "Bản phát hành"),
        ("reporting_day", "Ngày báo cáo"),
        ("sources_fresh", "Nguồn có số liệu"),
        ("sources_expected", "Nguồn phải có"),
        ("published_at", "Phát hành lúc"),
        ("path", "Nơi lưu"),
    )
    rows = (r.__dict__ for r in releases.list_releases(night.ready_warehouse()))
    output.write(rows, columns, form)


@release.command("anchor")
@click.option("--by", required=True, help="Name of the person who takes responsibility.")
@click.option(
    "--reason", required=True, help="Why the anchor lacks links, and what the chain was compared with."
)
def release_anchor(by: str, reason: str) -> None:
    """Answer for links that the anchor lacks, because it was lost: `verify` then only warns, with name and reason."""
    anchor = anchor_file.own()
    for no in chain.answer(night.ready_warehouse(), anchor, by, reason):
        click.echo(f"{anchor}\t{no}")


@release.command("deliver")
@click.option(
    "--all", "everything", is_flag=True, help="Write every file anew, open data of earlier releases too."
)
@FORMAT
def release_deliver(everything: bool, form: output.Format) -> None:
    """Make CCHC_PUBLIC_SITE and CCHC_INTERNAL_SITE show the newest release: what is not as published is written."""
    own = settings()
    to = place.of(own)
    if not to:
        raise ConfigurationError("no site is given: set CCHC_PUBLIC_SITE, CCHC_INTERNAL_SITE or both")
    done = copies.copy(night.ready_warehouse(), own.releases, to, everything=everything)
    columns = (
        ("build", "Bản"),
        ("place", "Nơi nhận"),
        ("release_id", "Bản phát hành"),
        ("written", "Tệp đã ghi"),
        ("removed", "Tệp đã xóa"),
        ("problem", "Lỗi"),
    )
    output.write((copied.__dict__ for copied in done), columns, form)
    if any(copied.problem for copied in done):
        sys.exit(1)


@release.command("verify")
@FORMAT
def release_verify(form: output.Format) -> None:
    """Find every number, file, release, closed revision or reopening that is not as it was (exit code 1)."""
    own = settings()
    anchor = anchor_file.own()
    count, findings = verification.verify(night.ready_warehouse(), own.releases, anchor, own.tsa_cert)
    if findings or form != "table":
        output.write((f.__dict__ for f in findings), verification.COLUMNS, form, title=f"{anchor}")
    failed = sum(f.level == "fail" for f in findings)
    stamps = len(timestamps.tokens(anchor))
    say(
        f"{count} bản phát hành, kỳ đã chốt và lần mở lại, {stamps} dấu thời gian đã kiểm tra, {failed} sai khác"
    )
    if failed:
        sys.exit(1)
